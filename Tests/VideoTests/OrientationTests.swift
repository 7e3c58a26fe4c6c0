import Testing
import Video

@Suite("Orientations") struct OrientationTests {
  /// Where a point of a square of side 2 goes whose centre is 0: mirrored left for right, then turned clockwise.
  private static func moved(_ point: (Int, Int), by orientation: Orientation) -> (Int, Int) {
    var (x, y) = orientation.isMirrored ? (-point.0, point.1) : point
    for _ in 0..<orientation.turn.rawValue / 90 { (x, y) = (-y, x) }
    return (x, y)
  }

  private static let all = [false, true].flatMap { isMirrored in
    [Orientation.Turn.none, .quarter, .half, .threeQuarters].map { Orientation(isMirrored: isMirrored, turn: $0) }
  }

  @Test("two consecutive orientations equal their combination", arguments: all, all)
  func composition(_ first: Orientation, _ second: Orientation) {
    for point in [(1, 0), (0, 1), (2, 1)] {
      let step = Self.moved(Self.moved(point, by: first), by: second)
      #expect(Self.moved(point, by: first.followed(by: second)) == step)
    }
  }
}
