import TestSupport
import Testing

@testable import RTP

/// The test cases of RFC 8869 for wireless networks, at the rates of this program and over simulated links.
@Suite struct RFC8869Tests {
  private typealias Conditions = BottleneckLink.Conditions

  private static let intervals = CongestionScenarioTests.feedbackIntervals

  private func run(
    _ plan: [(from: Double, conditions: Conditions)], seconds: Double, interval: Double, seed: UInt64, flows: Int = 1
  ) -> [CongestionScenario.Sample] {
    var scenario = CongestionScenario(
      plan: plan,
      media: (0..<flows).map { CongestionScenarioTests.flow(feedbackEach: interval, seed: seed + UInt64($0)) })
    scenario.seed = seed
    return scenario.run(seconds: seconds)
  }

  /// The cell shares 5 Mbit/s among its users, each of whom has a queue of their own: they come, and go.
  @Test(arguments: intervals, 1...3)
  func `3.1 a cell whose load varies`(interval: Double, seed: UInt64) {
    let users = [2, 3, 4, 6, 8, 11, 14, 16, 13, 10, 7, 5, 3, 2]
    let samples = run(
      users.enumerated().map {
        (Double($0.offset) * 5, Conditions(rate: 5e6 / Double($0.element), queue: 0.3, delay: 0.04, jitter: 0.004))
      }, seconds: 70, interval: interval, seed: seed)
    #expect(samples.between(2, 70).use > 0.9)
    #expect(samples.between(2, 70).wait95 < 0.1)
  }

  /// A user on foot at the edge of a cell: the signal fades within tenths of seconds, and is away for half a second.
  @Test(arguments: intervals, 1...3)
  func `3.2 bad coverage`(interval: Double, seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let fading = stride(from: 0.0, to: 40, by: 0.3).map { time in
      let rate = (19.8..<20.4).contains(time) ? 30e3 : Double.random(in: 0.4e6...1.4e6, using: &generator)
      return (from: time, conditions: Conditions(rate: rate, queue: 0.6, delay: 0.04, jitter: 0.01))
    }
    let samples = run(fading, seconds: 40, interval: interval, seed: seed)
    let before = samples.between(5, 19)
    #expect(before.use > 0.65)
    #expect(before.wait95 < 0.4)
    #expect(try #require(samples.time(untilRate: 0.5e6, from: 20.4)) < 6)
  }

  @Test(arguments: intervals, 1...3)
  func `4.1 a bottleneck in the wired network behind a wireless one`(interval: Double, seed: UInt64) {
    let samples = run(
      [(0, Conditions(rate: 2e6, queue: 0.3, delay: 0.02, jitter: 0.005, loss: 0.005))], seconds: 40,
      interval: interval, seed: seed)
    let steady = samples.between(15, 40)
    #expect(steady.use > 0.95)
    #expect(steady.wait95 < 0.05)
  }

  /// Others in range take air time for ten seconds.
  @Test(arguments: intervals, 1...3)
  func `4.2 a bottleneck in the wireless network`(interval: Double, seed: UInt64) throws {
    let wireless = { (rate: Double) in
      Conditions(rate: rate, queue: 0.2, delay: 0.01, jitter: 0.008, loss: 0.01, burst: 3)
    }
    let samples = run(
      [(0, wireless(4e6)), (20, wireless(1.2e6)), (30, wireless(4e6))], seconds: 50, interval: interval, seed: seed,
      flows: 2)
    for (start, end) in [(10.0, 20.0), (24, 30), (40, 50)] {
      let steady = samples.between(start, end)
      #expect(steady.use > 0.93, "from \(start) s on")
      #expect(steady.wait95 < 0.12, "from \(start) s on")
      for flow in 0...1 { #expect(steady.rate(ofFlow: flow) > 0.33 * steady[0].capacity, "from \(start) s on") }
    }
  }
}
