import NIOCore
import TestSupport
import Testing

@testable import RTP

@Suite struct RoundTripControllerTests {
  @Test(arguments: [300e3, 1_000e3, 2_000e3])
  func `a narrow path is filled within a second, without a long queue`(rate: Double) {
    var flow = RoundTripFlow(.init(rate: rate))
    let samples = flow.run(seconds: 20)
    #expect(samples.between(1, 3).rate > 0.85 * rate)
    #expect(samples.between(10, 20).rate > 0.95 * rate)
    #expect(samples.between(10, 20).wait95 < 0.06)
    #expect(samples.allSatisfy { $0.wait < 0.15 })
  }

  @Test func `a path that loses packets at random is used like another`() {
    var flow = RoundTripFlow(.init(rate: 2_000e3, loss: 0.05))
    var generator = SeededGenerator(seed: 9)
    flow.answerDelay = { _, _ in Double.random(in: 0..<1, using: &generator) < 0.05 ? nil : 0 }
    let samples = flow.run(seconds: 20)
    #expect(samples.between(10, 20).rate > 0.9 * 2_000e3)
    #expect(samples.between(10, 20).wait95 < 0.06)
  }

  @Test func `a squeeze is followed before the queue overflows for long, and what comes free is used`() {
    let wide = BottleneckLink.Conditions(rate: 2_000e3)
    var flow = RoundTripFlow(plan: [(0, wide), (10, .init(rate: 500e3)), (20, wide)])
    let samples = flow.run(seconds: 30)
    #expect(samples.between(11.5, 20).allSatisfy { $0.wait < 0.1 })
    #expect(samples.between(12, 20).rate > 0.9 * 500e3)
    #expect(samples.between(22, 30).rate > 0.9 * 2_000e3)
  }

  @Test func `a path that nearly dies gets no long queue`() {
    var flow = RoundTripFlow(plan: [(0, .init(rate: 2_000e3, queue: 10)), (5, .init(rate: 50e3, queue: 10))])
    let samples = flow.run(seconds: 8)
    #expect(samples.allSatisfy { $0.wait < 3 })
  }

  @Test func `a far path is used like a near one`() {
    var flow = RoundTripFlow(.init(rate: 1_500e3, delay: 0.12))
    let samples = flow.run(seconds: 20)
    #expect(samples.between(2, 20).rate > 0.9 * 1_500e3)
    #expect(samples.between(2, 20).wait95 < 0.08)
  }

  @Test func `answers that scatter by some milliseconds are borne`() {
    var flow = RoundTripFlow(.init(rate: 1_000e3))
    var generator = SeededGenerator(seed: 9)
    flow.answerDelay = { _, _ in Double.random(in: 0..<0.004, using: &generator) }
    let samples = flow.run(seconds: 20)
    #expect(samples.between(5, 20).rate > 0.9 * 1_000e3)
    #expect(samples.between(5, 20).wait95 < 0.08)
  }

  @Test func `arrivals that scatter by tens of milliseconds leave most of the path`() {
    var flow = RoundTripFlow(.init(rate: 2_000e3, jitter: 0.03))
    let samples = flow.run(seconds: 40)
    #expect(samples.between(20, 40).rate > 0.6 * 2_000e3)
    #expect(samples.between(20, 40).wait95 < 0.1)
  }

  @Test func `a path that becomes longer is not taken for a queue for long`() {
    let near = BottleneckLink.Conditions(rate: 1_500e3)
    var flow = RoundTripFlow(plan: [(0, near), (10, .init(rate: 1_500e3, delay: 0.06))])
    let samples = flow.run(seconds: 25)
    #expect(samples.between(18, 25).rate > 0.9 * 1_500e3)
  }

  @Test func `a still scene leaves the queue empty, and a lively one has the path at once`() {
    var flow = RoundTripFlow(.init(rate: 1_000e3))
    flow.ceiling = { $0 > 5 && $0 < 15 ? 60e3 : 2_500e3 }
    let samples = flow.run(seconds: 20)
    #expect(samples.between(16, 20).rate > 0.9 * 1_000e3)
    #expect(samples.between(5.5, 20).allSatisfy { $0.wait < 0.15 })
  }

  @Test func `a path that takes more than the source gives is checked ten times a second, and a squeeze is followed`() {
    let wide = BottleneckLink.Conditions(rate: 20_000e3)
    var flow = RoundTripFlow(plan: [(0, wide), (10, .init(rate: 500e3))])
    flow.ceiling = { _ in 800e3 }
    let samples = flow.run(seconds: 20)
    #expect(samples.between(6, 10).map(\.probes).reduce(0, +) <= 2 * 4 * 10)
    #expect(samples.allSatisfy { $0.wait < 0.3 })
    #expect(samples.between(11.5, 20).allSatisfy { $0.wait < 0.1 })
    #expect(samples.between(12, 20).rate > 0.9 * 500e3)
  }

  @Test func `probes take a twentieth of the rate at most`() {
    for rate in [100e3, 300e3, 1_000e3] {
      var flow = RoundTripFlow(.init(rate: rate))
      _ = flow.run(seconds: 30)
      let share = Double(flow.probes * RoundTripController.probeSize) * 8 / 30 / rate
      #expect(share < 0.065, "\(rate)")
    }
  }

  @Test func `who answers late, never, or what was not asked does not make us silent, or send without bound`() {
    for answer in [
      { (_: Int, _: Double) in nil }, { _, time in time }, { _, time in time < 2 ? 0 : nil },
      { number, _ in number % 2 == 0 ? 0 : 5 }, { number, _ in number % 2 == 0 ? 0 : 0.3 },
      { number, time in time < 2 ? 0 : Double(number % 7) * 0.1 },
    ] as [(Int, Double) -> Double?] {
      var flow = RoundTripFlow(.init(rate: 5_000e3))
      flow.answerDelay = answer
      let samples = flow.run(seconds: 20)
      #expect(samples.between(5, 20).rate > 3e3)
      #expect(samples.between(5, 20).rate < 2_700e3)
      #expect(flow.controller.nextSendTime < RoundTripFlow.deadline(25))
    }
  }

  @Test func `an answer to what was not asked, or a second one, changes nothing`() {
    let start = RoundTripFlow.deadline(0)
    var controller = RoundTripController(now: start)
    let number = controller.probeSent(now: start)
    controller.receiveAnswer(to: number + 1, now: start)
    controller.receiveAnswer(to: -1, now: start)
    controller.receiveAnswer(to: number, now: start + .milliseconds(20))
    let expected = controller.availableRate
    controller.receiveAnswer(to: number, now: start + .milliseconds(500))
    #expect(controller.availableRate == expected && controller.queueDelay == 0)
  }

  /// A controller whose first probe was answered after 20 ms, and whose second one is sent after a second.
  private func unanswered() -> (controller: RoundTripController, now: NIODeadline) {
    let start = RoundTripFlow.deadline(0)
    var controller = RoundTripController(now: start)
    controller.receiveAnswer(to: controller.probeSent(now: start), now: start + .milliseconds(20))
    _ = controller.probeSent(now: start + .seconds(1))
    return (controller, start + .seconds(1))
  }

  @Test func `who is silent for long is sent little`() {
    let (controller, now) = unanswered()
    let rate = controller.availableRate
    #expect(controller.targetRate(held: 0, now: now) > rate)
    #expect(controller.targetRate(held: 0, now: now + .seconds(10)) < 0.15 * rate)
  }

  @Test func `an answer that comes after minutes does not make us silent`() {
    var (controller, now) = unanswered()
    controller.receiveAnswer(to: 1, now: now + .minutes(5))
    now = now + .minutes(5)
    #expect(controller.queueDelay <= 2 && controller.nextSendTime < now + .seconds(3))
  }

  @Test func `of unanswered probes the last ones are remembered`() {
    var (controller, now) = unanswered()
    for number in 0..<100 { _ = controller.probeSent(now: now + .milliseconds(Int64(number))) }
    controller.receiveAnswer(to: 1, now: now + .seconds(1))
    #expect(controller.queueDelay == 0)
    controller.receiveAnswer(to: 100, now: now + .seconds(1))
    #expect(controller.queueDelay > 0.5)
  }

  @Test func `the rate does not fall below what lets the next probe through`() {
    var flow = RoundTripFlow(.init(rate: 10e3, queue: 10))
    _ = flow.run(seconds: 20)
    #expect(flow.controller.availableRate >= 30e3)
  }

  @Test func `beside a flow that fills the queue a share is kept`() {
    var flow = RoundTripFlow(.init(rate: 2_000e3))
    // The others' queue, as seen by the answers: from 50 to 150 ms, as it fills and overflows.
    flow.answerDelay = { _, time in time < 5 ? 0 : 0.05 + 0.1 * (time - time.rounded(.down)) }
    let samples = flow.run(seconds: 20)
    #expect(samples.between(10, 20).rate > 300e3)
  }

  @Test func `beside a flow that fills the queue, who is silent is sent little`() {
    var flow = RoundTripFlow(.init(rate: 2_000e3))
    flow.answerDelay = { _, time in
      time < 5 ? 0 : time < 10 ? 0.05 + 0.1 * (time - time.rounded(.down)) : nil
    }
    let samples = flow.run(seconds: 20)
    #expect(samples.between(8, 10).rate > 300e3)
    #expect(samples.between(18, 20).rate < 350e3)
  }
}
