import CV4L2
import TestSupport
import Testing
import Video

@testable import Capture

@Suite("JPEG pictures that differ from the announced format") struct CameraJPEGTests {
  private static let (width, height) = (64, 48)

  /// Grey that tells rows and columns apart.
  private static func grey(_ x: Int, _ y: Int) -> [UInt8] { .init(repeating: UInt8(60 + x + y), count: 3) }

  private static func see(
    _ jpeg: [UInt8], _ adjust: (CameraStandIn) -> Void = { _ in }
  ) throws -> (source: CameraSource, samples: Samples) {
    let camera = try TestCamera(.mjpeg, width, height, frame: jpeg)
    adjust(camera.standIn)
    let source = try camera.open()
    try camera.standIn.deliver()
    return (source, try source.nextFrame { Samples(copying: $0) }!)
  }

  /// How far luma is from what `level` says of each sample, in full range.
  private static func error(_ seen: Samples, _ level: (Int, Int) -> Int) -> Int {
    var worst = 0
    for y in 0..<height {
      for x in 0..<width {
        worst = max(worst, abs(Int(seen.luma[y * width + x]) - (16 + level(x, y) * 219 / 255)))
      }
    }
    return worst
  }

  @Test("a few surplus rows and columns are cut off", arguments: [(0, 8), (0, 16), (16, 0), (8, 2)])
  func surplus(columns: Int, rows: Int) throws {
    let jpeg = JPEGSample(width: Self.width + columns, height: Self.height + rows).encode(Self.grey)
    let (source, seen) = try Self.see(jpeg)
    #expect(source.hasSignal && seen.width == Self.width && seen.height == Self.height)
    #expect(Self.error(seen) { 60 + $0 + $1 } <= 3)
  }

  @Test("a picture of another size is scaled", arguments: [(128, 96), (32, 24), (64, 40), (96, 48)])
  func scaled(width: Int, height: Int) throws {
    let jpeg = JPEGSample(width: width, height: height).encode { x, y in
      Self.grey(x * Self.width / width, y * Self.height / height)
    }
    let (source, seen) = try Self.see(jpeg)
    #expect(source.hasSignal && seen.width == Self.width && seen.height == Self.height)
    #expect(Self.error(seen) { 60 + $0 + $1 } <= 4)
  }

  @Test("one of two interlaced fields is shown, whether or not the picture has both", arguments: [true, false])
  func interlaced(_ hasBoth: Bool) throws {
    let jpeg =
      hasBoth
      ? JPEGSample(width: Self.width, height: Self.height, quality: 100).encode {
        $1 % 2 == 0 ? Self.grey($0, $1) : [255, 255, 255]
      }
      : JPEGSample(width: Self.width, height: Self.height / 2).encode { Self.grey($0, 2 * $1) }
    let (_, seen) = try Self.see(jpeg) { $0.field = V4L2_FIELD_INTERLACED.rawValue }
    #expect(Self.error(seen) { 60 + $0 + $1 } <= 4)
  }

  @Test("a picture without chroma is grey and not green")
  func grey() throws {
    let (_, seen) = try Self.see(JPEGSample(width: 64, height: 48, colours: .grey).encode(Self.grey))
    #expect(Self.error(seen) { 60 + $0 + $1 } <= 3)
    #expect((seen.u + seen.v).allSatisfy { $0 == 128 })
  }
}
