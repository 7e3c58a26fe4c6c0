import NIOCore
import RTP
import Testing

@Suite("RTP reception statistics (RFC 3550 sections 6.4, A.1, A.3, A.8)")
struct RTPReceptionStatisticsTests {
  private var reception = RTPReceptionStatistics()

  private mutating func receive(
    _ sequenceNumber: UInt16, ssrc: UInt32 = 1, timestamp: UInt32 = 0, at milliseconds: Int64 = 0
  ) {
    let header = RTPHeader(
      marker: false, payloadType: 111, sequenceNumber: sequenceNumber, timestamp: timestamp, ssrc: ssrc)
    reception.receive(header, clockRate: 48_000, now: .test(milliseconds: milliseconds))
  }

  private mutating func block(at milliseconds: Int64 = 0) -> ReportBlock? {
    reception.reportBlocks(now: .test(milliseconds: milliseconds)).first
  }

  @Test("two packets in sequence make a source; the first does not count (probation)")
  mutating func probation() {
    receive(10)
    #expect(block() == nil)
    receive(20)
    #expect(block() == nil)
    receive(21)
    #expect(block()?.extendedHighestSequenceNumber == 21)
  }

  @Test("losses are counted, and as a fraction of what came since the last report")
  mutating func losses() {
    receive(99)
    for number in 100..<104 as Range<UInt16> { receive(number) }
    #expect(block()?.packetsLost == 0)
    for number in [104, 106, 107] as [UInt16] { receive(number) }
    let second = block()
    #expect(second?.packetsLost == 1)
    #expect(second?.fractionLost == 64)
    #expect(second?.extendedHighestSequenceNumber == 107)
    receive(108)
    let third = block()
    #expect(third?.packetsLost == 1)
    #expect(third?.fractionLost == 0)
  }

  @Test("late packets make up for losses, duplicates make them negative")
  mutating func duplicates() {
    for number in [9, 10, 12, 11] as [UInt16] { receive(number) }
    #expect(block()?.packetsLost == 0)
    receive(12)
    let block = block()
    #expect(block?.packetsLost == -1)
    #expect(block?.fractionLost == 0)
  }

  @Test("the sequence wraps into its cycles")
  mutating func wrap() {
    for number in [0xFFFD, 0xFFFE, 0xFFFF, 0, 1] as [UInt16] { receive(number) }
    let block = block()
    #expect(block?.extendedHighestSequenceNumber == 0x1_0001)
    #expect(block?.packetsLost == 0)
  }

  @Test("a packet far off is ignored, two in a row are a restart")
  mutating func restart() {
    for number in [9, 10, 11] as [UInt16] { receive(number) }
    _ = block()
    receive(20_000)
    #expect(block() == nil)
    receive(12)
    #expect(block()?.extendedHighestSequenceNumber == 12)
    receive(20_000)
    receive(20_001)
    let block = block()
    #expect(block?.extendedHighestSequenceNumber == 20_001)
    #expect(block?.packetsLost == 0)
  }

  @Test("jitter is a sixteenth of each change of the transit time, in clock units")
  mutating func jitter() {
    receive(1, timestamp: 0, at: 0)
    receive(2, timestamp: 960, at: 20)
    #expect(block()?.jitter == 0)
    receive(3, timestamp: 1920, at: 60)
    #expect(block()?.jitter == 60)
  }

  @Test("timestamps out of nowhere do not overflow")
  mutating func jitterRange() {
    let timestamps: [UInt32] = [0, 0x8000_0000, 0xFFFF_FFFF, 1]
    for number in 0..<20 as Range<UInt16> {
      receive(number, timestamp: timestamps[Int(number) % 4])
    }
    #expect(block() != nil)
  }

  @Test("LSR and DLSR tell when the last sender report came")
  mutating func lastSenderReport() {
    receive(1)
    receive(2)
    let report = SenderReport(
      ssrc: 1, ntpTimestamp: NTPTimestamp(rawValue: 0x1122_3344_5566_7788), rtpTimestamp: 0, packetCount: 0,
      octetCount: 0)
    reception.receive(.senderReport(report), now: .test(milliseconds: 100))
    let first = block(at: 350)
    #expect(first?.lastSenderReport == 0x3344_5566)
    #expect(first?.delaySinceLastSenderReport == 0x4000)
    receive(3)
    #expect(block(at: 50)?.delaySinceLastSenderReport == 0)
    receive(4)
    #expect(block(at: 200_000_000)?.delaySinceLastSenderReport == .max)
  }

  @Test("without a sender report LSR and DLSR are zero; a silent source has no block; a goodbye removes it")
  mutating func silence() {
    receive(1)
    receive(2)
    let first = block(at: 5000)
    #expect(first?.lastSenderReport == 0 && first?.delaySinceLastSenderReport == 0)
    #expect(block(at: 6000) == nil)
    receive(3)
    reception.receive(.goodbye(Goodbye(sources: [7, 1])), now: .test(milliseconds: 0))
    #expect(block() == nil)
  }

  @Test("a peer that invents sources displaces the one heard longest ago, and no more than eight are kept")
  mutating func bounded() {
    for ssrc in 1...9 as ClosedRange<UInt32> {
      receive(1, ssrc: ssrc, at: ssrc == 1 ? 100 : Int64(ssrc))
      receive(2, ssrc: ssrc, at: ssrc == 1 ? 100 : Int64(ssrc))
    }
    let blocks = reception.reportBlocks(now: .test(milliseconds: 100))
    #expect(blocks.map(\.ssrc).sorted() == [1, 3, 4, 5, 6, 7, 8, 9])
  }
}
