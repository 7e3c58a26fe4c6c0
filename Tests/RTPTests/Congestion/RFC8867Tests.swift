import Testing

@testable import RTP

/// The test cases of RFC 8867 for flows that share a link, at the rates of this program. Of section 6 there is the one for
/// several bottlenecks: a call has one medium to give priority to, and marks no packet for explicit congestion
/// notification.
@Suite struct RFC8867Tests {
  private typealias Conditions = BottleneckLink.Conditions

  private static let intervals = CongestionScenarioTests.feedbackIntervals

  @Test(arguments: intervals)
  func `5.1 one flow follows a capacity that varies`(interval: Double) {
    let rates = [(0.0, 1.0), (40, 2.5), (60, 0.6), (80, 1.0)]
    var scenario = CongestionScenario(
      plan: rates.map { ($0.0, Conditions(rate: $0.1 * 1e6, queue: 0.3, delay: 0.05)) },
      media: [CongestionScenarioTests.flow(feedbackEach: interval)])
    let samples = scenario.run(seconds: 100)
    for (start, rate) in rates {
      let steady = samples.between(start + 5, start + 20)
      #expect(steady.rate() > 0.85 * rate * 1e6, "from \(start) s on")
      #expect(steady.wait95 < 0.1)
    }
  }

  @Test(arguments: intervals)
  func `5.2 two flows follow a capacity that varies`(interval: Double) {
    let rates = [(0.0, 4.0), (25, 2.0), (50, 3.5), (75, 1.0)]
    var scenario = CongestionScenario(
      plan: rates.map { ($0.0, Conditions(rate: $0.1 * 1e6, queue: 0.3, delay: 0.05)) },
      media: (1...2).map { CongestionScenarioTests.flow(feedbackEach: interval, seed: $0) })
    let samples = scenario.run(seconds: 100)
    for (start, rate) in rates {
      let steady = samples.between(start + 10, start + 25)
      #expect(steady.use > 0.85, "from \(start) s on")
      for flow in 0..<2 { #expect(steady.rate(ofFlow: flow) > 0.25 * rate * 1e6, "from \(start) s on") }
      #expect(steady.wait95 < 0.12)
    }
  }

  @Test(arguments: intervals)
  func `5.3 feedback over a congested link`(interval: Double) {
    func plan(_ rates: [(Double, Double)]) -> [(from: Double, conditions: Conditions)] {
      rates.map { ($0.0, Conditions(rate: $0.1 * 1e6, queue: 0.3, delay: 0.05)) }
    }
    var call = BidirectionalScenario(
      plans: [plan([(0, 2), (20, 1), (40, 0.5), (60, 2)]), plan([(0, 2), (35, 0.8), (70, 2)])],
      media: (1...2).map { CongestionScenarioTests.flow(feedbackEach: interval, seed: $0) })
    let samples = call.run(seconds: 100)
    for (direction, start) in [(0, 0.0), (0, 20), (0, 40), (0, 60), (1, 0), (1, 35), (1, 70)] {
      let steady = samples[direction].between(start + 5, start + 20)
      #expect(steady.use > 0.94, "direction \(direction) from \(start) s on")
      #expect(steady.wait95 < 0.07, "direction \(direction) from \(start) s on")
    }
  }

  @Test(arguments: intervals)
  func `5.4 late-comers get their share`(interval: Double) {
    var scenario = CongestionScenario(
      Conditions(rate: 3.5e6, queue: 0.3, delay: 0.05),
      media: (0..<3).map {
        CongestionScenarioTests.flow(feedbackEach: interval, seed: UInt64($0) + 1, start: Double($0) * 20)
      })
    let samples = scenario.run(seconds: 120)
    let steady = samples.between(90, 120)
    #expect(steady.use > 0.9)
    for flow in 0..<3 { #expect(steady.rate(ofFlow: flow) > 0.5 * 3.5e6 / 3) }
    #expect(steady.wait95 < 0.12)
  }

  @Test(arguments: intervals)
  func `5.5 flows with round trips that differ have a share each`(interval: Double) {
    let delays = [0.01, 0.025, 0.05, 0.1, 0.15]
    var scenario = CongestionScenario(
      Conditions(rate: 4e6, queue: 0.3, delay: 0.01),
      media: delays.indices.map {
        var flow = CongestionScenarioTests.flow(
          feedbackEach: interval, seed: UInt64($0) + 1, start: Double($0) * 10)
        flow.furtherDelay = delays[$0] - 0.01
        return flow
      })
    let samples = scenario.run(seconds: 150)
    let steady = samples.between(100, 150)
    #expect(steady.use > 0.95)
    for flow in 0..<5 { #expect(steady.rate(ofFlow: flow) > 0.4 * 4e6 / 5, "flow \(flow)") }
    #expect(steady.wait95 < 0.07)
  }

  @Test(arguments: intervals)
  func `5.6 beside a long download both have a share, and all is used again after it`(interval: Double) {
    for (start, seed) in [(0.0, 1), (10, 1), (10, 5), (10, 22), (20, 3), (20, 8), (20, 12)] as [(Double, UInt64)] {
      var scenario = CongestionScenario(
        Conditions(rate: 2e6), media: [CongestionScenarioTests.flow(feedbackEach: interval, seed: seed)])
      scenario.downloads = [CubicFlow(active: start..<start + 30)]
      let samples = scenario.run(seconds: 60)
      let share = samples.between(start, start + 30).rate(ofFlow: 1) / 2e6
      #expect((0.3...0.7).contains(share), "from \(start) s on")
      #expect(samples.between(start + 34, 60).rate() > 1.8e6)
    }
  }

  /// What we send makes no difference to the queue there, which is not to be taken for a longer path.
  @Test(arguments: [2, 3] as [UInt64])
  func `beside a download on a fast path the picture goes on`(seed: UInt64) {
    var scenario = CongestionScenario(
      Conditions(rate: 30e6, queue: 0.1), media: [CongestionScenarioTests.flow(feedbackEach: 0.05, seed: seed)])
    scenario.step = 0.00025
    scenario.downloads = [CubicFlow(active: 10..<60)]
    #expect(scenario.run(seconds: 60).between(12, 60).rate() > 2.2e6)
  }

  @Test(arguments: intervals)
  func `beside a download whose queue is steady for seconds a share is kept`(interval: Double) {
    var scenario = CongestionScenario(
      Conditions(rate: 2e6, queue: 0.2), media: [CongestionScenarioTests.flow(feedbackEach: interval)])
    scenario.downloads = [CubicFlow(active: 20..<80)]
    let samples = scenario.run(seconds: 80)
    let shares = stride(from: 30.0, to: 80, by: 10).map { samples.between($0, $0 + 10).rate() / 2e6 }
    #expect(shares.allSatisfy { (0.25...0.75).contains($0) }, "\(shares)")
  }

  @Test func `on a narrow path a download is not starved`() {
    let shares = (1...6 as ClosedRange<UInt64>).map { seed in
      var scenario = CongestionScenario(
        Conditions(rate: 0.5e6), media: [CongestionScenarioTests.flow(feedbackEach: 0.2, seed: seed)])
      scenario.downloads = [CubicFlow(active: 20..<80)]
      return scenario.run(seconds: 80).between(20, 80).rate(ofFlow: 1) / 0.5e6
    }
    #expect(shares.reduce(0, +) / 6 > 0.26, "\(shares)")
  }

  @Test(arguments: intervals)
  func `5.7 beside short downloads the picture goes on`(interval: Double) {
    var scenario = CongestionScenario(
      Conditions(rate: 2e6, queue: 0.3, delay: 0.05), media: [CongestionScenarioTests.flow(feedbackEach: interval)])
    scenario.downloads = stride(from: 10.0, to: 50, by: 5).map { CubicFlow(active: $0..<$0 + 1) }
    let samples = scenario.run(seconds: 60)
    #expect(samples.between(10, 50).rate() > 0.8e6)
    #expect(samples.between(54, 60).rate() > 1.7e6)
  }

  @Test(arguments: intervals)
  func `5.8 after a pause the rate is soon what it was`(interval: Double) throws {
    var flow = CongestionScenarioTests.flow(feedbackEach: interval)
    flow.pause = 20..<40
    var scenario = CongestionScenario(Conditions(rate: 1.5e6, queue: 0.3, delay: 0.05), media: [flow])
    let samples = scenario.run(seconds: 60)
    #expect(try #require(samples.time(untilRate: 1.2e6, from: 40)) < 3)
    #expect(samples.between(50, 60).use > 0.9)
  }

  @Test(arguments: intervals)
  func `6.3 a flow over two bottlenecks has a share beside one at each`(interval: Double) {
    var scenario = CongestionScenario(
      Conditions(rate: 2.5e6, queue: 0.3, delay: 0.025),
      media: (1...3).map { CongestionScenarioTests.flow(feedbackEach: interval, seed: $0) })
    scenario.further = (Conditions(rate: 2e6, queue: 0.3, delay: 0.025), [[0, 1], [0], [1]])
    let steady = scenario.run(seconds: 120).between(60, 120)
    let rates = (0..<3).map { steady.rate(ofFlow: $0) }
    #expect(rates[0] > 0.4 * 2e6 / 2)
    #expect(rates[0] + rates[1] > 0.9 * 2.5e6)
    #expect(rates[0] + rates[2] > 0.9 * 2e6)
    #expect(steady.wait95 < 0.12)
  }
}
