import NIOCore
import Testing

@testable import RTP

@Suite struct CongestionControllerTests {
  private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

  /// A packet each ten milliseconds, where the controller allows it, of all of which a feedback tells each tenth of a
  /// second.
  private func run(
    seconds: Int, arrival: (_ number: Int, _ sentAt: TimeAmount) -> TimeAmount?
  ) -> (controller: CongestionController, end: NIODeadline) {
    var controller = CongestionController(now: Self.start)
    var now = Self.start
    var (base, next) = (0, 0)
    var arrivals: [TransportWideFeedback.Arrival] = []
    for tick in 0..<seconds * 100 {
      now = Self.start + .milliseconds(Int64(tick) * 10)
      if controller.nextSendTime <= now {
        controller.sent(UInt16(next), size: 1_000, now: now)
        if let time = arrival(next, now - Self.start) {
          arrivals.append(.init(sequenceNumber: UInt16(next), time: time))
        }
        next += 1
      }
      guard tick % 10 == 9, next > base else { continue }
      controller.receive(
        TransportWideFeedback(
          senderSSRC: 1, mediaSSRC: 2, feedbackCount: 0, baseSequenceNumber: UInt16(base),
          packetStatusCount: next - base, arrivals: arrivals), now: now)
      base = next
      arrivals.removeAll()
    }
    return (controller, now)
  }

  @Test func `who claims absurd times of arrival does not make us silent, or send without bound`() {
    let day: Int64 = 24 * 3600
    for claim in [
      { (_: Int, sentAt: TimeAmount) in sentAt + .seconds(day) },
      { number, sentAt in sentAt + .seconds(number < 200 ? 0 : 6 * day) },
      { number, sentAt in sentAt - .seconds(number < 200 ? 0 : 6 * day) },
      { number, _ in .seconds(number % 2 == 0 ? -6 * day : 6 * day) },
      { number, _ in .milliseconds(Int64(number) / 100) },
      { number, _ in .milliseconds(Int64(number) * 900) },
      { number, _ in .milliseconds(-Int64(number) * 100) },
      { _, _ in .zero },
    ] as [(Int, TimeAmount) -> TimeAmount] {
      let (controller, end) = run(seconds: 5) { claim($0, $1) }
      #expect(controller.nextSendTime < end + .seconds(5))
      #expect((20e3...60e6).contains(controller.availableRate))
      #expect((1e3...70e6).contains(controller.targetRate(held: 0, now: end)))
    }
  }

  @Test(arguments: [false, true])
  func `packets that the peer misses do not wait before the bottleneck`(isMissed: Bool) {
    var (controller, now) = run(seconds: 5) { _, sentAt in sentAt + .milliseconds(20) }
    let numbers = 1_000..<1_100 as Range<UInt16>
    for number in numbers { controller.sent(number, size: 1_200, now: now) }
    now = now + .milliseconds(50)
    if isMissed { controller.missed(Array(numbers)) }
    // Else the bottleneck takes a while for 120 kB, of which only the longest silence is waited for.
    controller.sent(1_100, size: 100, now: now)
    #expect((controller.targetRate(held: 0, now: now) > 0.9 * controller.availableRate) == isMissed)
  }

  @Test func `sound of which nobody tells does not keep the picture silent`() {
    let now = Self.start
    var controller = CongestionController(rate: 30e3, now: now)
    var roundTrips = RoundTripController(rate: 30e3, now: now)
    controller.sent(0, size: 1_200, now: now)
    roundTrips.sent(size: 1_200, now: now)
    for step in 1...250 as ClosedRange<Int64> {
      controller.sentBeside(200, now: now + .milliseconds(20 * step))
      roundTrips.sentBeside(200, now: now + .milliseconds(20 * step))
    }
    // A packet takes 160 ms at twice this rate.
    #expect(controller.nextSendTime <= now + .milliseconds(400))
    #expect(roundTrips.nextSendTime <= now + .milliseconds(400))
  }

  @Test func `a feedback without arrivals changes nothing`() {
    let (controller, end) = run(seconds: 5) { _, _ in nil }
    #expect(!controller.hasFeedback)
    #expect(controller.availableRate == CongestionController.initialRate)
    #expect(controller.nextSendTime < end + .seconds(30))
  }

  @Test func `nothing held lets the target exceed the path a little, much held lowers it`() {
    let (controller, end) = run(seconds: 5) { _, sentAt in sentAt + .milliseconds(20) }
    let rate = controller.availableRate
    #expect(controller.targetRate(held: 0, now: end + .seconds(1)) > rate)
    #expect(controller.targetRate(held: Int(rate / 8 * 0.2), now: end + .seconds(1)) < 0.7 * rate)
  }

  @Test func `no probe is sent to a peer that has told of nothing`() {
    var (controller, end) = run(seconds: 60) { _, _ in nil }
    #expect(controller.takeProbe(now: end) == 0)
  }

  @Test func `a probe is taken once`() {
    var (controller, end) = run(seconds: 60) { _, sentAt in sentAt + .milliseconds(20) }
    let later = end + .seconds(6)
    #expect(controller.takeProbe(now: later) == ProbeSchedule.length)
    #expect(controller.takeProbe(now: later) == 0)
  }

  @Test func `no probe is sent where something waits`() {
    var (controller, end) = run(seconds: 60) { number, sentAt in
      sentAt + .milliseconds(number < 5_900 ? 20 : 120 + Int64(number % 20))
    }
    #expect(controller.takeProbe(now: end + .seconds(6)) == 0)
  }
}
