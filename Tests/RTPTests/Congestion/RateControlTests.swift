import NIOCore
import Testing

@testable import RTP

@Suite struct RateControlTests {
  private static func feedback(_ numbers: Range<UInt16>, at times: (UInt16) -> TimeAmount) -> TransportWideFeedback {
    TransportWideFeedback(
      senderSSRC: 1, mediaSSRC: 2, feedbackCount: 0, baseSequenceNumber: numbers.lowerBound,
      packetStatusCount: numbers.count,
      arrivals: numbers.map { TransportWideFeedback.Arrival(sequenceNumber: $0, time: times($0)) })
  }

  @Test("a peer that agreed to feedback and is silent is treated like others, until it tells of arrivals")
  func lateFeedback() {
    let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    var control = RateControl(hasFeedback: true, formerRate: nil, now: start)
    control.limit(toMaximumBitrate: 50_000)
    for number in 0..<400 as Range<UInt16> {
      let now = start + .milliseconds(Int64(number) * 10)
      control.handleTimeout(now: now)
      #expect((control.availableRate == 50_000) == (number > 300), "REMB counts where there is no feedback")
      control.sent(number, size: 1_000, now: now)
    }
    control.receive(Self.feedback(300..<400) { .milliseconds(Int64($0) * 10 + 20) }, now: start + .milliseconds(4_020))
    #expect(control.availableRate > 50_000)
    control.handleTimeout(now: start + .seconds(60))
    #expect(control.availableRate > 50_000)
  }

  @Test("whatever a viewer claimed in the last call, the next one sends")
  func absurdFormerRate() {
    let now = NIODeadline.uptimeNanoseconds(1_000_000_000)
    for former in [0, 1, .max] {
      for hasFeedback in [false, true] {
        var control = RateControl(hasFeedback: hasFeedback, formerRate: former, now: now)
        control.sent(0, size: 1_200, now: now)
        #expect(control.nextSendTime < now + .seconds(1))
      }
    }
  }

  @Test(
    "a call begins with half of what the last one's path took, within bounds",
    arguments: [(nil, 300e3), (0, 30e3), (120_000, 120e3), (400_000, 300e3), (1_200_000, 600e3), (40_000_000, 1e6)]
      as [(Int?, Double)])
  func initialRate(_ former: Int?, _ initial: Double) {
    #expect(RateControl.initialRate(after: former) == initial)
    for hasFeedback in [false, true] {
      let control = RateControl(hasFeedback: hasFeedback, formerRate: former, now: .uptimeNanoseconds(0))
      #expect(control.availableRate == initial)
    }
  }
}
