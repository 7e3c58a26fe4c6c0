import NIOCore

/// SR: a sender report (RFC 3550 section 6.4.1).
package struct SenderReport: Hashable, Sendable {
  package var ssrc: UInt32
  package var ntpTimestamp: NTPTimestamp
  /// The instant of `ntpTimestamp` on the media clock.
  package var rtpTimestamp: UInt32
  package var packetCount: UInt32
  /// The number of payload bytes sent, without headers and padding.
  package var octetCount: UInt32
  /// The reception reports; at most 31, since the RC field has five bits.
  package var reportBlocks: [ReportBlock]

  package init(
    ssrc: UInt32, ntpTimestamp: NTPTimestamp, rtpTimestamp: UInt32, packetCount: UInt32, octetCount: UInt32,
    reportBlocks: [ReportBlock] = []
  ) {
    self.ssrc = ssrc
    self.ntpTimestamp = ntpTimestamp
    self.rtpTimestamp = rtpTimestamp
    self.packetCount = packetCount
    self.octetCount = octetCount
    self.reportBlocks = reportBlocks
  }

  init(parsing body: inout ByteBuffer, count: Int) throws(RTPError) {
    guard
      let (ssrc, ntp, rtp, packets, octets) = body.readMultipleIntegers(
        as: (UInt32, UInt64, UInt32, UInt32, UInt32).self)
    else { throw .truncated }
    self.init(
      ssrc: ssrc, ntpTimestamp: NTPTimestamp(rawValue: ntp), rtpTimestamp: rtp, packetCount: packets,
      octetCount: octets, reportBlocks: try ReportBlock.parseAll(count, from: &body))
  }

  func write(to buffer: inout ByteBuffer) {
    buffer.writeRTCPPacket(.senderReport, count: reportBlocks.count) { body in
      body.writeMultipleIntegers(ssrc, ntpTimestamp.rawValue, rtpTimestamp, packetCount, octetCount)
      for block in reportBlocks {
        block.write(to: &body)
      }
    }
  }
}
