import NIOCore
import Testing

@testable import RTP

@Suite("Playout delay")
struct PlayoutDelayTests {
  private var delay = PlayoutDelay()
  /// In milliseconds.
  private var minimum: UInt64 { (delay.encoded >> 12) * 10 }

  private mutating func missed(_ roundTrip: Double, at seconds: Double) {
    delay.packetsMissed(roundTrip: roundTrip, now: .test(milliseconds: Int64(seconds * 1_000)))
  }

  @Test("pictures are shown at once until losses are a habit of the path")
  mutating func habit() {
    #expect(minimum == 10)
    // One event, however many packets it took.
    for step in 0..<9 { missed(0.25, at: Double(step) * 0.1) }
    #expect(minimum == 10)
    missed(0.25, at: 11)
    #expect(minimum == 10, "the last one is long past")
    missed(0.25, at: 13)
    #expect(minimum == 330)
  }

  @Test("the delay is that of a retransmission, the longest that was seen, and half a second at most")
  mutating func length() {
    missed(0.2, at: 0)
    missed(0.2, at: 2)
    #expect(minimum == 280)
    missed(0.3, at: 2.1)
    #expect(minimum == 380)
    missed(0.1, at: 3)
    #expect(minimum == 380)
    missed(3, at: 4)
    #expect(minimum == 500)
  }

  @Test("on a path with a short round trip the receiver does as it likes")
  mutating func shortRoundTrip() {
    for second in 0..<30 { missed(0.05, at: Double(second)) }
    #expect(minimum == 10)
  }

  @Test("twenty seconds without a loss end it")
  mutating func end() {
    missed(0.25, at: 0)
    missed(0.25, at: 2)
    delay.update(now: .test(milliseconds: 21_000))
    #expect(minimum == 330)
    delay.update(now: .test(milliseconds: 22_001))
    #expect(minimum == 10)
    missed(0.25, at: 23)
    #expect(minimum == 10)
  }
}
