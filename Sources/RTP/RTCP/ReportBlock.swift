import NIOCore

/// A reception report block (RFC 3550 section 6.4.1).
package struct ReportBlock: Hashable, Sendable {
  static let length = 24

  package var ssrc: UInt32
  /// The share of packets lost since the previous report, in units of 1/256.
  package var fractionLost: UInt8
  /// The cumulative number of packets lost, a signed 24-bit number; it is negative where duplicates outnumber losses.
  package var packetsLost: Int32
  package var extendedHighestSequenceNumber: UInt32
  /// The interarrival jitter in units of the media clock.
  package var jitter: UInt32
  /// LSR: the middle 32 bits of the NTP timestamp of the last sender report received; 0 if there was none.
  package var lastSenderReport: UInt32
  /// DLSR: the delay between receiving that report and sending this block, in units of 1/65536 s.
  package var delaySinceLastSenderReport: UInt32

  package init(
    ssrc: UInt32, fractionLost: UInt8, packetsLost: Int32, extendedHighestSequenceNumber: UInt32, jitter: UInt32,
    lastSenderReport: UInt32, delaySinceLastSenderReport: UInt32
  ) {
    self.ssrc = ssrc
    self.fractionLost = fractionLost
    self.packetsLost = packetsLost
    self.extendedHighestSequenceNumber = extendedHighestSequenceNumber
    self.jitter = jitter
    self.lastSenderReport = lastSenderReport
    self.delaySinceLastSenderReport = delaySinceLastSenderReport
  }

  init(parsing body: inout ByteBuffer) throws(RTPError) {
    guard
      let (ssrc, losses, highest, jitter, lastSenderReport, delay) = body.readMultipleIntegers(
        as: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32).self)
    else { throw .truncated }
    self.init(
      ssrc: ssrc, fractionLost: UInt8(losses >> 24),
      packetsLost: Int32(bitPattern: losses << 8) >> 8,
      extendedHighestSequenceNumber: highest, jitter: jitter, lastSenderReport: lastSenderReport,
      delaySinceLastSenderReport: delay)
  }

  /// Reads `count` consecutive report blocks.
  ///
  /// - Throws: `RTPError.truncated`.
  static func parseAll(_ count: Int, from body: inout ByteBuffer) throws(RTPError) -> [ReportBlock] {
    var blocks: [ReportBlock] = []
    blocks.reserveCapacity(count)
    for _ in 0..<count {
      blocks.append(try ReportBlock(parsing: &body))
    }
    return blocks
  }

  func write(to body: inout ByteBuffer) {
    let lost = UInt32(bitPattern: min(max(packetsLost, -0x80_0000), 0x7F_FFFF)) & 0xFF_FFFF
    body.writeMultipleIntegers(
      ssrc, UInt32(fractionLost) << 24 | lost, extendedHighestSequenceNumber, jitter, lastSenderReport,
      delaySinceLastSenderReport)
  }
}
