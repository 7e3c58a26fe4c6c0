import NIOCore
import Testing
import Video

@Suite struct FrameRateTests {
  @Test("frame times do not accumulate errors")
  func times() {
    let film = FrameRate(30_000, per: 1_001)
    #expect(film.time(ofFrame: 0) == .uptimeNanoseconds(0))
    #expect(film.time(ofFrame: 30_000) == .uptimeNanoseconds(1_001_000_000_000))
    #expect(film.time(ofFrame: 1) == .uptimeNanoseconds(33_366_666))
    #expect(film.interval == .nanoseconds(33_366_666))
  }

  @Test("frame rates are compared by value")
  func order() {
    #expect(FrameRate(30_000, per: 1_001) < FrameRate(30))
    #expect(FrameRate(25) < FrameRate(30_000, per: 1_001))
  }
}
