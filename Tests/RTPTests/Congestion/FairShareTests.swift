import NIOCore
import Testing

@testable import RTP

@Suite struct FairShareTests {
  private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

  /// The verdict on feedbacks each 50 ms of which the last told of these waits, in seconds.
  private func verdicts(
    waits: [Double], throughput: Double = 1e6, losses: (Int) -> Int = { _ in 0 }
  ) -> [FairShare.Verdict] {
    var share = FairShare(rate: 1e6, now: Self.start)
    return waits.indices.map { index in
      share.update(
        losses: losses(index), throughput: throughput, delay: waits[index], noise: 0.001, roundTrip: 0.1, elapsed: 0.05,
        now: Self.start + .milliseconds(Int64(index + 1) * 50))
    }
  }

  @Test func `an empty queue ends the sharing at once`() {
    let verdicts = verdicts(waits: [0.12, 0.1, 0.08, 0.06, 0.01])
    #expect(verdicts == [.shared, .shared, .shared, .shared, .queueIsEmpty])
  }

  @Test func `a delay that stays alike, and does so when half is sent for a second, is that of the path`() {
    let verdicts = verdicts(waits: Array(repeating: 0.1, count: 43))
    #expect(verdicts == Array(repeating: .shared, count: 42) + [.pathIsLonger])
  }

  @Test func `a delay that shrinks when half is sent is a queue's`() {
    var share = FairShare(rate: 1e6, now: Self.start)
    var wait = 0.1
    var halved: [Int] = []
    for step in 1...200 {
      let isHalved = share.targetRate(held: 0) < 0.6 * share.rate
      if isHalved { halved.append(step) }
      #expect(isHalved == (share.pace < share.rate))
      // The others fill the queue again at once.
      wait = isHalved ? wait - 0.006 : 0.1
      let verdict = share.update(
        losses: 0, throughput: share.rate, delay: wait, noise: 0.0001, roundTrip: 0.2, elapsed: 0.05,
        now: Self.start + .milliseconds(Int64(step) * 50))
      #expect(verdict == .shared)
    }
    #expect((4...10).contains(halved.count), "\(halved)")
  }

  @Test func `a delay that grows and shrinks is a queue's`() {
    #expect(verdicts(waits: (0..<60).map { 0.1 + Double($0 % 10) * 0.005 }).allSatisfy { $0 == .shared })
  }

  @Test func `losses do not hide that a path has become longer`() {
    #expect(
      verdicts(waits: Array(repeating: 0.1, count: 60), losses: { $0 % 15 == 0 ? 1 : 0 }).contains(.pathIsLonger))
  }

  @Test func `losses within one round trip lower the rate once`() {
    var share = FairShare(rate: 1e6, now: Self.start)
    for step in 1...2 {
      _ = share.update(
        losses: 3, throughput: share.rate, delay: 0.1, noise: 0.001, roundTrip: 0.2, elapsed: 0,
        now: Self.start + .milliseconds(Int64(step) * 50))
    }
    #expect(share.rate == 0.8e6)
    _ = share.update(
      losses: 1, throughput: share.rate, delay: 0.1, noise: 0.001, roundTrip: 0.2, elapsed: 0,
      now: Self.start + .milliseconds(300))
    #expect(abs(share.rate - 0.64e6) < 1)
  }

  @Test func `the rate stays within the bounds of an estimate, whatever the peer tells`() {
    #expect(FairShare(rate: 1e12, now: Self.start).rate == Dispersion.rates.upperBound)
    #expect(FairShare(rate: 0, now: Self.start).rate == Dispersion.rates.lowerBound)
    var share = FairShare(rate: 1e6, now: Self.start)
    for step in 1...1_000 {
      // Not steady, and nothing arrives.
      _ = share.update(
        losses: 1, throughput: 0, delay: step % 2 == 0 ? 0.1 : 0.3, noise: 0.001, roundTrip: 0.01, elapsed: 0.05,
        now: Self.start + .milliseconds(Int64(step) * 50))
    }
    #expect(share.rate == Dispersion.rates.lowerBound)
  }
}
