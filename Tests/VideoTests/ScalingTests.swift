import NIOCore
import Testing

@testable import Video

@Suite("A picture that is made smaller")
struct ScalingTests {
  private static let source = Picture(width: 64, height: 48, texture: 1)

  private static func scaled(_ picture: Picture, width: Int, height: Int, asNV12: Bool) -> Picture {
    var scratch = PictureBuffer(width: 1, height: 1)
    return picture.withFrame(captureTime: .uptimeNanoseconds(7), padding: 5, asNV12: asNV12) { frame in
      let small = frame.scaled(to: PictureSize(width: width, height: height), into: &scratch)
      #expect(small.captureTime == .uptimeNanoseconds(7) && small.colourSpace == .vp8)
      return Picture(copying: small)
    }
  }

  @Test("has the mean of the samples that each of its own stands for", arguments: [false, true])
  func mean(asNV12: Bool) {
    let half = Self.scaled(Self.source, width: 32, height: 24, asNV12: asNV12)
    func mean(_ plane: [UInt8], _ width: Int, _ x: Int, _ y: Int) -> Int {
      [0, 1, width, width + 1].map { Int(plane[2 * y * width + 2 * x + $0]) }.reduce(0, +) / 4
    }
    for (x, y) in [(0, 0), (15, 11), (7, 5)] {
      #expect(abs(Int(half.luma[y * 32 + x]) - mean(Self.source.luma, 64, x, y)) <= 1)
      #expect(abs(Int(half.u[y * 16 + x]) - mean(Self.source.u, 32, x, y)) <= 1)
      #expect(abs(Int(half.v[y * 16 + x]) - mean(Self.source.v, 32, x, y)) <= 1)
    }
  }

  @Test("is the same in either layout of chroma", arguments: [(48, 36), (32, 24), (24, 18), (17, 13)])
  func layouts(width: Int, height: Int) {
    let planar = Self.scaled(Self.source, width: width, height: height, asNV12: false)
    let interleaved = Self.scaled(Self.source, width: width, height: height, asNV12: true)
    #expect((planar.width, planar.height) == (width, height))
    #expect(planar.luma == interleaved.luma)
    #expect(planar.meanSquaredError(to: interleaved) < 6)
  }

  @Test("uses the same memory for each picture of a size")
  func memory() {
    var scratch = PictureBuffer(width: 1, height: 1)
    var bases: Set<UnsafePointer<UInt8>> = []
    for _ in 0..<10 {
      Self.source.withFrame { frame in
        let small = frame.scaled(to: PictureSize(width: 32, height: 24), into: &scratch)
        bases.insert(small.luma.base)
      }
    }
    #expect(bases.count == 1)
  }
}
