import NIOCore

/// PLI: a picture loss indication (RFC 4585 section 6.3.1).
package struct PictureLossIndication: Hashable, Sendable {
  static let format: UInt8 = 1

  package var senderSSRC: UInt32
  package var mediaSSRC: UInt32

  package init(senderSSRC: UInt32, mediaSSRC: UInt32) {
    self.senderSSRC = senderSSRC
    self.mediaSSRC = mediaSSRC
  }

  init(parsing body: inout ByteBuffer) throws(RTPError) {
    self.init(senderSSRC: try body.readWord(), mediaSSRC: try body.readWord())
  }

  func write(to buffer: inout ByteBuffer) {
    buffer.writeRTCPPacket(.payloadSpecificFeedback, count: Int(Self.format)) { body in
      body.writeMultipleIntegers(senderSSRC, mediaSSRC)
    }
  }
}
