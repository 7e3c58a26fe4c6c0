import ICE
import NIOCore
import TestSupport
import Testing

@Suite("STUN retransmission")
struct RetransmissionTimerTests {
  @Test("a request is sent at the times of RFC 8489 section 6.2.1 and fails after 39.5 s")
  func schedule() {
    let start = ManualClock().now
    var timer = RetransmissionTimer(now: start)
    var times: [Int64] = [0]
    while true {
      let now = timer.deadline
      #expect(timer.handleTimeout(now: now - .nanoseconds(1)) == nil)
      let milliseconds = (now - start).nanoseconds / 1_000_000
      guard timer.handleTimeout(now: now) == .retransmit else {
        #expect(milliseconds == 39_500)
        break
      }
      times.append(milliseconds)
    }
    #expect(times == [0, 500, 1500, 3500, 7500, 15500, 31500])
  }

  @Test("a request over a reliable transport is sent once and fails after 39.5 s (RFC 8489 section 6.2.2)")
  func reliable() {
    let start = ManualClock().now
    var timer = RetransmissionTimer(reliable: start)
    #expect(timer.handleTimeout(now: start + .milliseconds(39_499)) == nil)
    #expect(timer.deadline == start + .milliseconds(39_500))
    #expect(timer.handleTimeout(now: timer.deadline) == .giveUp)
    #expect(timer.transmissions == 1)
  }

  @Test("a late timeout causes one retransmission and not all that were missed")
  func lateness() {
    let start = ManualClock().now
    var timer = RetransmissionTimer(now: start)
    #expect(timer.handleTimeout(now: start + .seconds(20)) == .retransmit)
    #expect(timer.handleTimeout(now: start + .seconds(20)) == nil)
    #expect(timer.transmissions == 2)
  }

  @Test("a request with a single transmission fails after sixteen times the RTO")
  func single() {
    let start = ManualClock().now
    let timer = RetransmissionTimer(now: start, rto: .milliseconds(100), maximumTransmissions: 1)
    #expect(timer.deadline == start + .milliseconds(1600))
  }
}
