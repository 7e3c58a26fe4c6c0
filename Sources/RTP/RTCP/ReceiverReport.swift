import NIOCore

/// RR: a receiver report (RFC 3550 section 6.4.2).
package struct ReceiverReport: Hashable, Sendable {
  package var ssrc: UInt32
  /// The reception reports; at most 31, since the RC field has five bits.
  package var reportBlocks: [ReportBlock]

  package init(ssrc: UInt32, reportBlocks: [ReportBlock] = []) {
    self.ssrc = ssrc
    self.reportBlocks = reportBlocks
  }

  init(parsing body: inout ByteBuffer, count: Int) throws(RTPError) {
    self.init(ssrc: try body.readWord(), reportBlocks: try ReportBlock.parseAll(count, from: &body))
  }

  func write(to buffer: inout ByteBuffer) {
    buffer.writeRTCPPacket(.receiverReport, count: reportBlocks.count) { body in
      body.writeInteger(ssrc)
      for block in reportBlocks {
        block.write(to: &body)
      }
    }
  }
}
