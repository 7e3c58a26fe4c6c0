import NIOCore
import Testing

@testable import RTP

@Suite struct SteadyDelayTests {
  /// Whether a path is taken for a longer one within two seconds, by a delay and a throughput every 50 ms.
  private func isLonger(
    delay: (Int) -> Double, throughput: (Int) -> Double, capacity: Double = 2e6, losses: (Int) -> Bool = { _ in false },
    steps: Int = 40
  ) -> Bool {
    var steady = SteadyDelay()
    return (0..<steps).contains { step in
      let now = NIODeadline.uptimeNanoseconds(1_000_000_000) + .milliseconds(Int64(step) * 50)
      if losses(step) { steady.lossSeen(now: now) }
      let path = Competition.Path(
        rate: capacity, throughput: throughput(step), delay: delay(step), noise: 0.0001, isQueued: true,
        unexpected: nil, roundTrip: 0.14, losses: 0)
      return steady.add(path, capacity: capacity, now: now)
    }
  }

  private static func growing(_ step: Int) -> Double { 1e6 * (1 + Double(step) / 20) }
  private static func falling(_ step: Int) -> Double { step < 10 ? 1e6 : 0.5e6 }

  @Test func `a delay that is the same, whatever is sent, is that of the path`() {
    #expect(isLonger(delay: { 0.1 + Double($0 % 3) * 0.004 }, throughput: Self.growing))
    #expect(isLonger(delay: { _ in 0.1 }, throughput: Self.falling))
  }

  @Test func `where what is sent would change no queue, nothing is known`() {
    #expect(!isLonger(delay: { _ in 0.1 }, throughput: Self.growing, capacity: 30e6))
    #expect(!isLonger(delay: { _ in 0.1 }, throughput: Self.falling, capacity: 30e6))
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

  @Test(arguments: [false, true])
  func `a delay that is constant for long is that of the path, unless packets are lost`(isLossy: Bool) {
    let isLonger = isLonger(
      delay: { _ in 0.1 }, throughput: { _ in 1e6 }, losses: { isLossy && $0 % 20 == 0 }, steps: 400)
    #expect(isLonger == !isLossy)
  }
}
