import NIOCore
import TestSupport
import Testing

@testable import Studio

@Suite struct QualityLimitationTests {
  @Test("each reason counts the time for which it held, over several encoders")
  func durations() {
    var clock = ManualClock()
    var first = QualityLimitation()
    for reason: QualityLimitation.Reason in [.none, .bandwidth, .bandwidth, .cpu, .none] {
      first.update(reason, now: clock.now)
      clock.advance(by: .seconds(2))
    }
    #expect(first.reason == .none)
    #expect([first[.none], first[.bandwidth], first[.cpu]] == [.seconds(2), .seconds(4), .seconds(2)])
    var second = QualityLimitation()
    second.update(.cpu, now: clock.now)
    clock.advance(by: .seconds(5))
    second.update(.cpu, now: clock.now)
    let sum = first + second
    #expect(sum.reason == .cpu && sum[.cpu] == .seconds(7) && sum[.bandwidth] == .seconds(4))
  }
}
