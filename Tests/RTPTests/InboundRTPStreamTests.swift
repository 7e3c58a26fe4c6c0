import NIOCore
import TestSupport
import Testing

@testable import RTP

@Suite("Receiving RTP (RFC 3550 appendix A)")
struct InboundRTPStreamTests {
  private var stream = InboundRTPStream(clockRate: 48_000)

  private mutating func receive(
    _ number: UInt16, timestamp: UInt32? = nil, ssrc: UInt32 = 1, at milliseconds: Int64 = 0
  ) -> InboundRTPPacket? {
    let header = RTPHeader(
      marker: false, payloadType: 111, sequenceNumber: number, timestamp: timestamp ?? UInt32(number) * 960, ssrc: ssrc)
    return stream.receive(header, ByteBuffer(string: "\(number)"), now: .test(milliseconds: milliseconds))
  }

  /// Since macros cannot evaluate what mutates.
  private func expect(_ expected: Int?, _ value: Int?, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(value == expected, sourceLocation: sourceLocation)
  }

  @Test("numbers and timestamps go on where theirs begin anew, also out of order")
  mutating func extended() {
    var numbers: [Int] = []
    for number in [65_533, 65_535, 65_534, 1, 0, 2] as [UInt16] {
      let offset = UInt32(number &- 65_533) * 960
      guard let packet = receive(number, timestamp: (UInt32.max - 1_000) &+ offset) else { continue }
      numbers.append(packet.sequenceNumber)
      #expect(packet.timestamp == Int(UInt32.max) - 1_000 + (packet.sequenceNumber - 65_533) * 960)
      #expect(packet.generation == 1)
    }
    #expect(numbers == [65_533, 65_535, 65_534, 65_537, 65_536, 65_538])
    #expect(stream.statistics.packetsLost == 0)
  }

  @Test("a stray packet of another source or far away changes nothing, two in sequence begin a new stream")
  mutating func stray() {
    expect(1, receive(10)?.generation)
    expect(nil, receive(500, ssrc: 2)?.generation)
    expect(11, receive(11)?.sequenceNumber)
    expect(nil, receive(30_000)?.generation)
    expect(1, receive(12)?.generation)
    // Nor do many that do not follow on each other.
    for number in stride(from: 0 as UInt16, to: 60_000, by: 500) { expect(nil, receive(number, ssrc: 3)?.generation) }
    expect(1, receive(13)?.generation)
    expect(nil, receive(700, ssrc: 2)?.generation)
    expect(2, receive(701, ssrc: 2)?.generation)
    expect(2, receive(702, ssrc: 2)?.generation)
    #expect(stream.ssrc == 2)
    expect(nil, receive(30_000, ssrc: 2)?.generation)
    expect(3, receive(30_001, ssrc: 2)?.generation)
  }

  @Test("a report has what was lost since the one before, the jitter, and when the last sender report came")
  mutating func report() throws {
    let early = stream.reportBlock(now: .test(milliseconds: 0))
    #expect(early == nil)
    for number in 0..<100 as Range<UInt16> where number % 4 != 1 {
      // Every other packet is 5 ms late.
      _ = receive(number, at: Int64(number) * 20 + (number % 2 == 0 ? 0 : 5))
    }
    stream.receive(
      SenderReport(
        ssrc: 1, ntpTimestamp: NTPTimestamp(rawValue: 0x1234_5678_9ABC_DEF0), rtpTimestamp: 0, packetCount: 0,
        octetCount: 0), now: .test(milliseconds: 2_000))
    let told = stream.reportBlock(now: .test(milliseconds: 2_500))
    let block = try #require(told)
    #expect(block.ssrc == 1 && block.packetsLost == 25)
    #expect(block.fractionLost == 64)
    #expect(block.extendedHighestSequenceNumber == 99)
    #expect(block.lastSenderReport == 0x5678_9ABC)
    #expect(block.delaySinceLastSenderReport == 32_768)
    // Of three steps two are of 5 ms.
    #expect((140...180).contains(block.jitter))
    #expect(abs(stream.statistics.jitter * 48_000 - Double(block.jitter)) < 1)
    let next = stream.reportBlock(now: .test(milliseconds: 2_600))
    #expect(next?.fractionLost == 0)
  }

  @Test("wild timestamps are borne", arguments: [1, 2, 3] as [UInt64])
  mutating func hostile(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for number in 0..<20_000 {
      let ssrc: UInt32 = UInt8.random(in: 0...9, using: &generator) == 0 ? .random(in: 0...5, using: &generator) : 1
      let wild = UInt16.random(in: 0...UInt16.max, using: &generator)
      _ = receive(
        number % 3 == 0 ? wild : UInt16(truncatingIfNeeded: number),
        timestamp: .random(in: 0...UInt32.max, using: &generator), ssrc: ssrc, at: Int64(number) * 20)
      if number % 50 == 0 { _ = stream.reportBlock(now: .test(milliseconds: Int64(number) * 20)) }
    }
    #expect(stream.statistics.packetsReceived + stream.statistics.packetsDiscarded == 20_000)
  }

  @Test("the most losses do not become fewer when a packet comes after all")
  mutating func mostLost() {
    for number in [1, 5, 3, 2] as [UInt16] { _ = receive(number) }
    #expect(stream.statistics.packetsLost == 1 && stream.statistics.mostPacketsLost == 3)
  }
}
