import Testing

@testable import RTP

/// The controller over simulated links of the kinds that phones have, with feedback as often as libwebrtc sends it.
@Suite struct CongestionScenarioTests {
  typealias Conditions = BottleneckLink.Conditions

  static let feedbackIntervals = [0.05, 0.1, 0.2]

  static func flow(feedbackEach interval: Double, seed: UInt64 = 1, start: Double = 0) -> MediaFlow {
    var flow = MediaFlow(seed: seed, start: start)
    flow.feedbackInterval = interval
    return flow
  }

  @Test(arguments: feedbackIntervals, [400e3, 1_000e3, 2_000e3])
  func `a narrow path is soon used almost whole, and packets do not wait`(interval: Double, rate: Double) throws {
    var scenario = CongestionScenario(Conditions(rate: rate), media: [Self.flow(feedbackEach: interval)])
    let samples = scenario.run(seconds: 30)
    let steady = samples.between(15, 30)
    #expect(steady.use > 0.95)
    #expect(steady.wait95 < 0.02 + 2 * 1_200 * 8 / rate)
    #expect(try #require(samples.time(untilRate: 0.8 * rate, from: 0)) < 3)
  }

  @Test(arguments: feedbackIntervals)
  func `a wide path carries as much as is encoded`(interval: Double) throws {
    var scenario = CongestionScenario(Conditions(), media: [Self.flow(feedbackEach: interval)])
    let samples = scenario.run(seconds: 10)
    #expect(try #require(samples.time(untilRate: 2_000e3, from: 0)) < 1.5)
  }

  @Test(arguments: feedbackIntervals, 1...3)
  func `random losses are not taken for congestion`(interval: Double, seed: UInt64) {
    for conditions in [Conditions(rate: 2e6, loss: 0.05), Conditions(rate: 2e6, loss: 0.02, burst: 8)] {
      var scenario = CongestionScenario(conditions, media: [Self.flow(feedbackEach: interval, seed: seed)])
      scenario.seed = seed
      let steady = scenario.run(seconds: 40).between(20, 40)
      // What is lost before the bottleneck does not use it, and is made up for.
      #expect(steady.use > 0.95)
      #expect(steady.wait95 < 0.04)
    }
  }

  @Test(arguments: feedbackIntervals, 1...3)
  func `jitter is not taken for congestion`(interval: Double, seed: UInt64) {
    var scenario = CongestionScenario(
      Conditions(rate: 2e6, jitter: 0.03), media: [Self.flow(feedbackEach: interval, seed: seed)])
    scenario.seed = seed
    let steady = scenario.run(seconds: 40).between(20, 40)
    #expect(steady.use > 0.89)
    #expect(steady.wait95 < 0.08)
  }

  @Test(arguments: feedbackIntervals)
  func `a far path, and one with a huge queue, are used like others`(interval: Double) {
    for conditions in [Conditions(rate: 1.5e6, delay: 0.12), Conditions(rate: 1e6, queue: 1.5)] {
      var scenario = CongestionScenario(conditions, media: [Self.flow(feedbackEach: interval)])
      let steady = scenario.run(seconds: 40).between(20, 40)
      #expect(steady.use > 0.95)
      #expect(steady.wait95 < 0.04)
    }
  }

  @Test(arguments: feedbackIntervals)
  func `a queue that is shorter than our bursts costs few packets`(interval: Double) {
    var scenario = CongestionScenario(
      Conditions(rate: 1e6, queue: 0.03), media: [Self.flow(feedbackEach: interval)])
    let samples = scenario.run(seconds: 30)
    #expect(samples.between(15, 30).use > 0.95)
    #expect(scenario.media[0].lostShare < 0.05)
  }

  @Test(arguments: feedbackIntervals)
  func `a squeeze is followed within a second, and the way back as well`(interval: Double) throws {
    var scenario = CongestionScenario(
      plan: [(0, Conditions(rate: 2e6)), (20, Conditions(rate: 0.5e6)), (40, Conditions(rate: 2e6))],
      media: [Self.flow(feedbackEach: interval)])
    let samples = scenario.run(seconds: 60)
    #expect(samples.between(21, 30).allSatisfy { $0.wait < 0.1 })
    #expect(samples.between(22, 40).use > 0.85)
    #expect(try #require(samples.time(untilRate: 1.6e6, from: 40)) < 3)
  }

  @Test(arguments: feedbackIntervals, 1...3)
  func `an encoder that makes less than its target does not lower the estimate after a squeeze`(
    interval: Double, seed: UInt64
  ) {
    var flow = Self.flow(feedbackEach: interval, seed: seed)
    flow.yield = 0.9
    var scenario = CongestionScenario(
      plan: [(0, Conditions(rate: 2e6, jitter: 0.0005)), (20, Conditions(rate: 0.5e6, jitter: 0.0005))], media: [flow])
    scenario.seed = seed
    let samples = scenario.run(seconds: 40)
    #expect(samples.between(25, 40).use > 0.88)
  }

  @Test(arguments: feedbackIntervals, 1...3)
  func `others that never fill the queue get more than what their few packets take`(interval: Double, seed: UInt64) {
    var scenario = CongestionScenario(
      Conditions(rate: 2e6, jitter: 0.0005), media: [Self.flow(feedbackEach: interval, seed: seed)])
    scenario.seed = seed
    scenario.downloads = [CubicFlow(active: 10..<40, limit: 3)]
    let samples = scenario.run(seconds: 40)
    let steady = samples.between(12, 40)
    #expect(steady.rate(ofFlow: 1) > 0.315 * 2e6)
    #expect(steady.use > 0.9)
  }

  /// A download from the same computer, as Linux lets two of its packets wait for the link.
  @Test(arguments: feedbackIntervals)
  func `others with two packets on their way get a third of the path and more`(interval: Double) {
    var flow = Self.flow(feedbackEach: interval)
    // As encoders do.
    flow.yield = 0.92
    var scenario = CongestionScenario(Conditions(rate: 2e6, jitter: 0.0002), media: [flow])
    scenario.downloads = [CubicFlow(active: 10..<40, unsentLimit: 2)]
    let samples = scenario.run(seconds: 50)
    let share = samples.between(10, 40).rate(ofFlow: 1) / 2e6
    // Of which 1448 of 1514 bytes are payload.
    #expect((0.363...0.5).contains(share), "\(share)")
    #expect(samples.between(42, 50).rate() > 0.87 * 2e6)
  }

  @Test(arguments: feedbackIntervals)
  func `a mobile network that changes each second is followed`(interval: Double) {
    let rates = [0.9, 0.5, 0.8, 1.3, 2.2, 1.4, 0.8, 0.45, 0.3, 0.5, 0.9, 1.6, 2.8, 3.0, 1.8, 1.1, 0.7, 1.2, 2.0, 1.2]
    let plan = rates.enumerated().map {
      (from: Double($0.offset), conditions: Conditions(rate: $0.element * 1e6, queue: 0.3, delay: 0.03, jitter: 0.003))
    }
    var scenario = CongestionScenario(plan: plan, media: [Self.flow(feedbackEach: interval)])
    let samples = scenario.run(seconds: 20)
    #expect(samples.between(2, 20).use > 0.62)
    #expect(samples.between(2, 20).wait95 < 0.2)
  }

  @Test(arguments: feedbackIntervals)
  func `a path that becomes longer is not taken for a queue`(interval: Double) throws {
    var scenario = CongestionScenario(
      plan: [(0, Conditions(rate: 1.5e6)), (20, Conditions(rate: 1.5e6, delay: 0.06))],
      media: [Self.flow(feedbackEach: interval)])
    let samples = scenario.run(seconds: 40)
    #expect(try #require(samples.time(untilRate: 1.2e6, from: 21)) < 3)
    #expect(samples.between(30, 40).use > 0.95)
  }

  /// The least that is used of a path between 5 and 25 s after it has become longer by so much, and the time that
  /// packets wait then.
  private func afterDelay(
    of delay: Double, at time: Double, rate: Double, seed: UInt64, isTold: Bool
  ) -> (use: Double, wait95: Double) {
    var flow = Self.flow(feedbackEach: seed % 2 == 0 ? 0.05 : 0.1, seed: seed)
    flow.pathChange = isTold ? time : .infinity
    var scenario = CongestionScenario(
      plan: [(0, Conditions(rate: rate, delay: 0.001)), (time, Conditions(rate: rate, delay: delay))], media: [flow])
    let samples = scenario.run(seconds: time + 25).between(time + 5, time + 25)
    return (samples.rate() / min(rate, flow.ceiling), samples.wait95)
  }

  @Test(arguments: [0.5e6, 1.5e6, 3e6], [0.04, 0.12, 0.25])
  func `a path that becomes longer is used again, however much is known of it`(rate: Double, delay: Double) {
    for time in [0.1, 0.3, 1, 20] {
      for seed in 1...4 as ClosedRange<UInt64> {
        let use = afterDelay(of: delay, at: time, rate: rate, seed: seed, isTold: false).use
        #expect(use > 0.75, "at \(time) s, seed \(seed)")
      }
    }
  }

  @Test(arguments: [0.5e6, 1.5e6, 3e6], [0.016, 0.04, 0.12, 0.25])
  func `another path is used at once, however much longer it is`(rate: Double, delay: Double) {
    for time in [0.1, 0.3, 1, 20] {
      for seed in 1...4 as ClosedRange<UInt64> {
        let (use, wait) = afterDelay(of: delay, at: time, rate: rate, seed: seed, isTold: true)
        #expect(use > 0.9, "at \(time) s, seed \(seed)")
        #expect(wait < 0.06, "at \(time) s, seed \(seed)")
      }
    }
  }

  /// While the scene is still the path becomes faster, or slower.
  @Test(arguments: feedbackIntervals, [(0.5e6, 2e6), (2e6, 0.5e6)])
  func `what moves in a still scene finds the path known`(interval: Double, rates: (before: Double, after: Double)) {
    var flow = Self.flow(feedbackEach: interval)
    flow.stillness = 10..<60
    var scenario = CongestionScenario(
      plan: [(0, Conditions(rate: rates.before)), (20, Conditions(rate: rates.after))], media: [flow])
    let samples = scenario.run(seconds: 70)
    #expect(samples.between(60, 61).use > 0.9)
    #expect(samples.between(60, 62).allSatisfy { $0.wait < 0.08 })
    // Probes are a twentieth of the other bytes at most.
    #expect(Double(scenario.media[0].probeBytes) <= 0.05 * flow.stillRate / 8 * 50 * 1.05)
  }

  @Test(arguments: [false, true])
  func `a peer that stops telling of arrivals is sent less and less`(isBesideDownload: Bool) {
    var flow = Self.flow(feedbackEach: 0.1)
    flow.feedbackEnd = 10
    var scenario = CongestionScenario(Conditions(rate: 2e6), media: [flow])
    if isBesideDownload { scenario.downloads = [CubicFlow(active: 3..<20)] }
    let samples = scenario.run(seconds: 20)
    #expect(samples.between(8, 10).rate() > (isBesideDownload ? 0.5e6 : 1.8e6))
    #expect(samples.between(18, 20).rate() < 0.3e6)
  }
}
