import NIOCore
import Testing
import Video

@testable import Capture

@Suite struct FrameRateLimiterTests {
  private static func admitted(_ source: FrameRate, limit: FrameRate, frames: Int, roundedToMilliseconds: Bool = false)
    -> [Int]
  {
    var limiter = FrameRateLimiter(maximum: limit)
    return (0..<frames).filter { number in
      let time = source.time(ofFrame: Int64(number)).uptimeNanoseconds
      let seen = roundedToMilliseconds ? (time + 500_000) / 1_000_000 * 1_000_000 : time
      return limiter.admits(.uptimeNanoseconds(seen))
    }
  }

  @Test("frames are dropped evenly")
  func even() {
    #expect(Self.admitted(FrameRate(50), limit: FrameRate(25), frames: 10) == [0, 2, 4, 6, 8])
    #expect(Self.admitted(FrameRate(30), limit: FrameRate(25), frames: 13) == [0, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12])
    #expect(Self.admitted(FrameRate(25), limit: FrameRate(1), frames: 60) == [0, 25, 50])
  }

  @Test("a source at or below the limit loses no frames, even with rounded timestamps", arguments: [false, true])
  func noLoss(rounded: Bool) {
    for rate in [FrameRate(30), FrameRate(30_000, per: 1_001), FrameRate(25), FrameRate(1)] {
      let admitted = Self.admitted(rate, limit: FrameRate(30), frames: 1_000, roundedToMilliseconds: rounded)
      #expect(admitted.count == 1_000)
    }
  }
}
