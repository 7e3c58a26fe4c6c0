import NIOCore
import Testing

@testable import Capture

@Suite("The time to wait for a camera") struct CameraPatienceTests {
  private static func time(_ seconds: Int64) -> NIODeadline {
    .uptimeNanoseconds(1_000_000_000_000) + .seconds(seconds)
  }

  @Test("the wait is three times the last one, and short again after a quick picture")
  func sparse() {
    var patience = CameraPatience(.seconds(2))
    #expect(patience.stuckAt(now: Self.time(0)) == Self.time(2))
    #expect(patience.stuckAt(now: Self.time(1)) == Self.time(2), "it goes on waiting")
    patience.sawPicture(now: Self.time(12))
    #expect(patience.stuckAt(now: Self.time(12)) == Self.time(48))
    patience.sawPicture(now: Self.time(13))
    #expect(patience.stuckAt(now: Self.time(100)) == Self.time(103), "nobody waited in between")
    patience.sawPicture(now: Self.time(100))
    #expect(patience.stuckAt(now: Self.time(100)) == Self.time(102))
  }

  @Test("each wait without a picture is followed by a longer one of at most a minute")
  func vain() {
    var patience = CameraPatience(.seconds(2))
    var waits: [TimeAmount] = []
    for _ in 0..<7 {
      waits.append(patience.stuckAt(now: Self.time(0)) - Self.time(0))
      patience.grow()
      patience.startOver()
    }
    #expect(waits == [2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
  }
}
