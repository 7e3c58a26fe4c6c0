import NIOCore
import Testing

@testable import RTP

@Suite struct CompetitionTests {
  @Test func `a share begins with twice what the path is known to carry at most, whatever the peer tells`() {
    var competition = Competition()
    for step in 0..<60 {
      // Others come after a second.
      let delay = step < 20 ? 0 : 0.1 + Double(step % 5) * 0.01
      let path = Competition.Path(
        rate: 1e6, throughput: 40e6, delay: delay, noise: 0.001, isQueued: delay > 0,
        unexpected: Lateness(delay: delay, wait: delay), roundTrip: 0.04 + delay, losses: 0)
      _ = competition.update(
        path, elapsed: 0.05, now: .uptimeNanoseconds(1_000_000_000_000) + .milliseconds(Int64(step) * 50))
      if let share = competition.share { return #expect(share.rate <= 2e6) }
    }
    Issue.record("no share was taken")
  }
}
