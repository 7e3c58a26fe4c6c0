import Testing

@testable import Capture

@Suite struct StillPictureTests {
  private static func kind(_ bytes: [UInt8]) throws -> StillPicture? {
    let clip = try Clip()
    return StillPicture(path: try clip.write(bytes, to: "picture"))
  }

  private static func webP(_ chunk: String, flags: UInt8) -> [UInt8] {
    Array("RIFF".utf8) + [100, 0, 0, 0] + Array("WEBP\(chunk)".utf8) + [10, 0, 0, 0, flags, 0, 0, 0, 0]
  }

  @Test("an animated WebP file is distinguished from a still one")
  func webP() throws {
    #expect(try Self.kind(Self.webP("VP8X", flags: 0x12)) == .animatedWebP)
    #expect(try Self.kind(Self.webP("VP8X", flags: 0x10)) == .plain)
    #expect(try Self.kind(Self.webP("VP8 ", flags: 0xff)) == .plain)
    let clip = try Clip()
    let path = try clip.write(Self.webP("VP8X", flags: 2) + [UInt8](repeating: 0, count: 100), to: "picture.webp")
    let error = #expect(throws: CaptureError.self) { _ = try FileSource(path: path) }
    #expect(error == .notVideo(path: path, reason: StillPicture.animatedWebP.description))
  }

  @Test(
    "still pictures in ISO base media files are recognized by their brand, and films are not",
    arguments: ["heic", "mif1", "avif"])
  func heif(brand: String) throws {
    let bytes = [0, 0, 0, 24] + Array("ftyp\(brand)".utf8) + [UInt8](repeating: 0, count: 100)
    #expect(try Self.kind(bytes) == .heif)
    #expect(try Self.kind([0, 0, 0, 24] + Array("ftypisom".utf8) + [UInt8](repeating: 0, count: 100)) == nil)
    let clip = try Clip()
    let path = try clip.write(bytes, to: "picture.heic")
    let error = #expect(throws: CaptureError.self) { _ = try FileSource(path: path) }
    #expect(error == .notVideo(path: path, reason: StillPicture.heif.description))
  }

  @Test("a file that is too short for either format is not recognized")
  func short() throws {
    #expect(try Self.kind(Array("RIFF".utf8)) == nil)
    #expect(try Self.kind([]) == nil)
  }
}
