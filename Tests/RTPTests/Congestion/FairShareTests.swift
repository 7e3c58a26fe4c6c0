import NIOCore
import Testing

@testable import RTP

@Suite struct FairShareTests {
  private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
  private static let capacity = 2e6

  private static func time(_ step: Int) -> NIODeadline { start + .milliseconds(Int64(step) * 50) }

  private static func path(
    throughput: Double, delay: Double = 0.1, noise: Double = 0.001, roundTrip: Double = 0.1, losses: Int = 0
  ) -> Competition.Path {
    .init(
      rate: throughput, throughput: throughput, delay: delay, noise: noise, isQueued: true, unexpected: nil,
      roundTrip: roundTrip, losses: losses)
  }

  /// The verdicts on feedbacks each 50 ms that tell of these waits, in seconds, while the source gives 1 Mbit/s at most.
  private func verdicts(
    waits: [Double], capacity: Double = Self.capacity, losses: (Int) -> Int = { _ in 0 }
  ) -> [FairShare.Verdict] {
    var share = FairShare(rate: 1e6, now: Self.start)
    return waits.indices.map { index in
      share.update(
        Self.path(throughput: min(1e6, share.targetRate(held: 0)), delay: waits[index], losses: losses(index)),
        capacity: capacity, elapsed: 0.05, now: Self.time(index + 1))
    }
  }

  @Test func `an empty queue ends the sharing at once`() {
    let verdicts = verdicts(waits: [0.12, 0.1, 0.08, 0.06, 0.01])
    #expect(verdicts == [.shared, .shared, .shared, .shared, .queueIsEmpty])
  }

  @Test func `a delay that stays alike when half is sent is that of the path`() throws {
    let verdicts = verdicts(waits: Array(repeating: 0.1, count: 43))
    let end = try #require(verdicts.firstIndex(of: .pathIsLonger))
    #expect((20...42).contains(end), "\(end)")
    #expect(verdicts[..<end].allSatisfy { $0 == .shared })
  }

  @Test func `half of what is sent is no trial where it would change no queue`() {
    // Fifteen seconds.
    let verdicts = verdicts(waits: Array(repeating: 0.1, count: 310), capacity: 30e6)
    #expect(verdicts.firstIndex(of: .pathIsLonger).map { (300...302).contains($0) } == true)
  }

  @Test func `a trial halves what arrives, however much more might be sent`() {
    var share = FairShare(rate: 6e6, now: Self.start)
    let ceiling = 2e6
    var targets: [Double] = []
    for step in 1...30 {
      targets.append(min(ceiling, share.targetRate(held: 0)))
      _ = share.update(
        Self.path(throughput: ceiling, roundTrip: 0.3), capacity: 10e6, elapsed: 0.05, now: Self.time(step))
    }
    #expect(targets.contains(ceiling / 2))
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
        Self.path(throughput: share.rate, delay: wait, noise: 0.0001, roundTrip: 0.2), capacity: Self.capacity,
        elapsed: 0.05, now: Self.time(step))
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
    func lose(_ count: Int, at milliseconds: Int64) {
      _ = share.update(
        Self.path(throughput: share.rate, roundTrip: 0.2, losses: count), capacity: Self.capacity, elapsed: 0,
        now: Self.start + .milliseconds(milliseconds))
    }
    lose(3, at: 50)
    lose(3, at: 100)
    #expect(share.rate == 0.8e6)
    lose(1, at: 300)
    #expect(abs(share.rate - 0.64e6) < 1)
  }

  @Test func `the rate stays within the bounds of an estimate, whatever the peer tells`() {
    #expect(FairShare(rate: 1e12, now: Self.start).rate == Dispersion.rates.upperBound)
    #expect(FairShare(rate: 0, now: Self.start).rate == Dispersion.rates.lowerBound)
    var share = FairShare(rate: 1e6, now: Self.start)
    for step in 1...1_000 {
      // Not steady, and nothing arrives.
      _ = share.update(
        Self.path(throughput: 0, delay: step % 2 == 0 ? 0.1 : 0.3, roundTrip: 0.01, losses: 1), capacity: Self.capacity,
        elapsed: 0.05, now: Self.time(step))
    }
    #expect(share.rate == Dispersion.rates.lowerBound)
  }
}
