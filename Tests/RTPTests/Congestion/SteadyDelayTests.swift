import NIOCore
import Testing

@testable import RTP

@Suite struct SteadyDelayTests {
  /// Whether a path is taken for a longer one at some time, by a delay and a throughput every 50 ms.
  private func isLonger(
    delay: (Int) -> Double, throughput: (Int) -> Double, losses: (Int) -> Bool = { _ in false }
  ) -> Bool {
    var steady = SteadyDelay()
    return (0..<40).contains { step in
      if losses(step) { steady.lossSeen() }
      return steady.add(
        delay(step), throughput: throughput(step), tolerance: 0.01,
        now: .uptimeNanoseconds(1_000_000_000) + .milliseconds(Int64(step) * 50))
    }
  }

  private static func growing(_ step: Int) -> Double { 1e6 * (1 + Double(step) / 20) }

  @Test func `a delay that is the same, whatever is sent, is that of the path`() {
    #expect(isLonger(delay: { 0.1 + Double($0 % 3) * 0.004 }, throughput: Self.growing))
    #expect(isLonger(delay: { _ in 0.1 }, throughput: { $0 < 10 ? 1e6 : 0.5e6 }))
  }

  @Test func `a delay that follows what is sent is a queue's`() {
    #expect(!isLonger(delay: { 0.1 + Double($0) * 0.004 }, throughput: Self.growing))
  }

  @Test func `as long as the same is sent, nothing is known`() {
    #expect(!isLonger(delay: { _ in 0.1 }, throughput: { _ in 1e6 }))
  }

  @Test func `a full queue is told by its losses`() {
    #expect(!isLonger(delay: { _ in 0.1 }, throughput: Self.growing, losses: { $0 % 8 == 0 }))
  }
}
