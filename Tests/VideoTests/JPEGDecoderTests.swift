import CTurboJPEG
import NIOCore
import Testing

@testable import Video

@Suite("JPEG pictures of cameras") struct JPEGDecoderTests {
  private static let (width, height) = (64, 48)

  /// A ramp of luma over a ramp of chroma, as JPEG with the given subsampling.
  private static func jpeg(_ subsampling: TJSAMP, width: Int = width, height: Int = height) throws -> [UInt8] {
    let encoder = try #require(tjInitCompress())
    defer { tjDestroy(encoder) }
    var rgb: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width { rgb += [UInt8(x * 255 / width), UInt8(y * 255 / height), 128] }
    }
    var output: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    let status = tjCompress2(
      encoder, rgb, Int32(width), 0, Int32(height), Int32(TJPF_RGB.rawValue), &output, &size,
      Int32(subsampling.rawValue), 95, 0)
    try #require(status == 0)
    defer { tjFree(output) }
    return Array(UnsafeBufferPointer(start: output, count: Int(size)))
  }

  private static func decode(_ bytes: [UInt8]) throws -> (y: [UInt8], u: [UInt8], v: [UInt8]) {
    let picture = PictureBuffer(width: width, height: height)
    var decoder = JPEGDecoder()
    try bytes.withUnsafeBytes { try decoder.decode($0, into: picture) }
    func corners(_ plane: UnsafeMutableBufferPointer<UInt8>, _ stride: Int, _ width: Int, _ height: Int) -> [UInt8] {
      [plane[0], plane[width - 1], plane[(height - 1) * stride], plane[(height - 1) * stride + width - 1]]
    }
    return (
      corners(picture.luma, picture.lumaStride, width, height),
      corners(picture.u, picture.chromaStride, width / 2, height / 2),
      corners(picture.v, picture.chromaStride, width / 2, height / 2)
    )
  }

  @Test("4:2:0, 4:2:2 and 4:4:4 give the same picture", arguments: [TJSAMP_420, TJSAMP_422, TJSAMP_444])
  func subsampling(_ subsampling: TJSAMP) throws {
    let (y, u, v) = try Self.decode(try Self.jpeg(subsampling))
    // By JFIF from the corners' (0|251, 0|250, 128).
    for (found, expected) in zip(y + u + v, [15, 90, 161, 236, 192, 149, 109, 67, 118, 243, 14, 139]) {
      #expect(abs(Int(found) - expected) <= 8, "\(found) is not \(expected)")
    }
  }

  @Test("a picture without Huffman tables has the standard ones")
  func withoutTables() throws {
    let whole = try Self.jpeg(TJSAMP_422)
    #expect(try Self.decode(Self.withoutHuffmanTables(whole)).y == Self.decode(whole).y)
  }

  @Test("padding before the end marker, which many cameras write, does no harm")
  func padding() throws {
    let whole = try Self.jpeg(TJSAMP_422)
    let padded = Array(whole.dropLast(2)) + [UInt8](repeating: 0, count: 16) + [0xff, 0xd9]
    #expect(try Self.decode(padded).y == Self.decode(whole).y)
  }

  @Test("a picture that is cut short is refused, wherever it is cut")
  func truncated() throws {
    let whole = try Self.jpeg(TJSAMP_420)
    for length in [0, 1, 2, 20, 200, whole.count / 2, whole.count - 20] {
      #expect(throws: JPEGDecoder.Failure.self) { try Self.decode(Array(whole.prefix(length))) }
    }
  }

  @Test("a picture whose samples are damaged is refused")
  func corrupt() throws {
    var bytes = try Self.jpeg(TJSAMP_422)
    for offset in stride(from: bytes.count / 2, to: bytes.count - 10, by: 7) { bytes[offset] = 0xff }
    #expect(throws: JPEGDecoder.Failure.corrupt) { try Self.decode(bytes) }
  }

  @Test("a picture of another size, or without colours that could be, is refused")
  func unexpected() throws {
    #expect(throws: JPEGDecoder.Failure.unexpected) { try Self.decode(Self.jpeg(TJSAMP_420, width: 32)) }
    #expect(throws: JPEGDecoder.Failure.unexpected) { try Self.decode(Self.jpeg(TJSAMP_GRAY)) }
    #expect(throws: JPEGDecoder.Failure.corrupt) { try Self.decode([UInt8](repeating: 0xff, count: 1_000)) }
  }

  /// Drops the DHT segments (T.81 section B.2.4.2), as MJPEG cameras do.
  private static func withoutHuffmanTables(_ jpeg: [UInt8]) -> [UInt8] {
    var result = Array(jpeg.prefix(2))
    var position = 2
    while jpeg[position + 1] != 0xda {
      let length = 2 + Int(jpeg[position + 2]) << 8 + Int(jpeg[position + 3])
      if jpeg[position + 1] != 0xc4 { result += jpeg[position..<position + length] }
      position += length
    }
    return result + jpeg[position...]
  }
}
