import NIOCore
import Testing

@testable import RTP

@Suite struct ProbeScheduleTests {
  private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

  @Test func `a probe is due five seconds after the last train`() {
    var schedule = ProbeSchedule(now: Self.start)
    schedule.sent(100_000, isProbe: false)
    #expect(!schedule.isDue(now: Self.start + .milliseconds(4_999)))
    #expect(schedule.isDue(now: Self.start + .seconds(5)))
    schedule.trainWasSent(now: Self.start + .seconds(5))
    #expect(!schedule.isDue(now: Self.start + .seconds(9)))
    #expect(schedule.isDue(now: Self.start + .seconds(10)))
  }

  @Test func `probes are a twentieth of the other bytes at most`() {
    var schedule = ProbeSchedule(now: Self.start)
    var (others, probes) = (0, 0)
    for second in 1...1_000 {
      let now = Self.start + .seconds(Int64(second))
      schedule.sent(2_000, isProbe: false)
      others += 2_000
      guard schedule.isDue(now: now) else { continue }
      schedule.trainWasSent(now: now)
      for _ in 0..<3 { schedule.sent(ProbeSchedule.length / 3, isProbe: true) }
      probes += ProbeSchedule.length
    }
    #expect(probes > 0)
    #expect(Double(probes) <= 0.05 * Double(others))
  }

  @Test func `what was not used for long is not made up for`() {
    var schedule = ProbeSchedule(now: Self.start)
    schedule.sent(10_000_000, isProbe: false)
    schedule.sent(ProbeSchedule.length, isProbe: true)
    #expect(!schedule.isDue(now: Self.start + .seconds(60)))
  }
}
