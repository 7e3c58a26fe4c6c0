import NIOCore
import Testing

@testable import Capture

@Suite struct LivePacerTests {
  private static let start = NIODeadline.uptimeNanoseconds(100_000_000_000)

  /// The first picture, with timestamp 0, comes at the start. Milliseconds, all of them.
  private static func due(_ pictures: [(timestamp: Int64?, arrival: Int64)]) -> [Int64] {
    var pacer = LivePacer()
    return pictures.map {
      let due = pacer.due(timestamp: $0.timestamp.map { $0 * 1_000_000 }, now: start + .milliseconds($0.arrival))
      return (due - start).nanoseconds / 1_000_000
    }
  }

  @Test("pictures that come all at once are shown as far apart as they say")
  func burst() {
    #expect(Self.due([(0, 0), (40, 0), (80, 1), (120, 1)]) == [0, 40, 80, 120])
  }

  @Test("one that comes late is shown at once, and those behind it keep their distance")
  func late() {
    #expect(Self.due([(0, 0), (40, 60), (80, 80)]) == [0, 60, 80])
    #expect(Self.due([(0, 0), (40, 3_000), (80, 3_000), (120, 3_000)]) == [0, 3_000, 3_040, 3_080])
  }

  @Test("nobody waits for a timestamp that jumps, or for one that is missing")
  func jump() {
    #expect(
      Self.due([(0, 0), (3_600_000, 40), (3_600_040, 40), (-9_000_000_000, 80), (nil, 90)]) == [0, 40, 80, 80, 90])
  }
}
