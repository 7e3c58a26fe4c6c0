import Testing
import Video

@testable import Capture

@Suite struct DisplayGeometryTests {
  private static func size(
    _ width: Int, _ height: Int, aspect: (Int, Int) = (0, 1), orientation: Orientation = .upright,
    bounds: (Int, Int)? = nil
  ) -> [Int] {
    let geometry = DisplayGeometry(
      width: width, height: height, sampleAspect: aspect, orientation: orientation,
      bounds: bounds.map { PictureSize(width: $0.0, height: $0.1) })
    return [geometry.width, geometry.height]
  }

  @Test("a picture with square samples and even sides is shown as it is stored")
  func plain() {
    #expect(Self.size(640, 480) == [640, 480])
    #expect(Self.size(640, 480, aspect: (1, 1)) == [640, 480])
  }

  @Test("sides become even and are at least two")
  func even() {
    #expect(Self.size(63, 47) == [64, 48])
    #expect(Self.size(1, 1) == [2, 2])
  }

  @Test("samples are made square by changing the width")
  func aspect() {
    #expect(Self.size(720, 576, aspect: (16, 11)) == [1048, 576])
    #expect(Self.size(1440, 1080, aspect: (4, 3)) == [1920, 1080])
    #expect(Self.size(720, 480, aspect: (8, 9)) == [640, 480])
  }

  @Test("an implausible aspect ratio is ignored", arguments: [(1, 0), (0, 0), (-1, 1), (1, 1_000), (1_000, 1)])
  func nonsense(width: Int, height: Int) {
    #expect(Self.size(640, 480, aspect: (width, height)) == [640, 480])
  }

  @Test("a quarter turn exchanges the sides after the aspect ratio is applied")
  func turn() {
    #expect(Self.size(1440, 1080, aspect: (4, 3), orientation: .init(turn: .quarter)) == [1080, 1920])
    #expect(Self.size(640, 480, orientation: .init(isMirrored: true, turn: .half)) == [640, 480])
  }

  @Test("the picture is scaled up or down to fit into the requested size")
  func bounds() {
    #expect(Self.size(1920, 1080, bounds: (640, 360)) == [640, 360])
    #expect(Self.size(1440, 1080, bounds: (640, 360)) == [480, 360])
    #expect(Self.size(1080, 1920, bounds: (640, 360)) == [202, 360])
    #expect(Self.size(320, 180, bounds: (640, 480)) == [640, 360])
  }

  @Test("no side exceeds what VP8 can express")
  func largest() {
    #expect(Self.size(20_000, 1_000) == [16_382, 820])
    #expect(Self.size(16_384, 100, aspect: (8, 1)) == [16_382, 12])
  }

  @Test("a display matrix is read as the nearest right angle, with or without mirroring")
  func matrix() {
    let one: Int32 = 1 << 16
    func read(_ xx: Int32, _ xy: Int32, _ yx: Int32, _ yy: Int32) -> Orientation {
      Orientation(xx: xx, xy: xy, yx: yx, yy: yy)
    }
    #expect(read(one, 0, 0, one) == .upright)
    #expect(read(0, one, -one, 0) == .init(turn: .quarter))
    #expect(read(-one, 0, 0, -one) == .init(turn: .half))
    #expect(read(0, -one, one, 0) == .init(turn: .threeQuarters))
    #expect(read(-one, 0, 0, one) == .init(isMirrored: true))
    #expect(read(one, 0, 0, -one) == .init(isMirrored: true, turn: .half))
    #expect(read(0, one, one, 0) == .init(isMirrored: true, turn: .threeQuarters))
    #expect(read(0, -one, -one, 0) == .init(isMirrored: true, turn: .quarter))
    #expect(read(0, 0, 0, 0) == .upright)
    #expect(read(.min, .min, .min, .min) == .init(turn: .half))
  }
}
