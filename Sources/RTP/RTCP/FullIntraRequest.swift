import NIOCore

/// FIR: a full intra request (RFC 5104 section 4.3.1). The media SSRC of its header "SHALL be set to 0"; the entries
/// name the streams.
package struct FullIntraRequest: Hashable, Sendable {
  static let format: UInt8 = 4

  /// A request to one stream (RFC 5104 section 4.3.1.1).
  package struct Entry: Hashable, Sendable {
    package var ssrc: UInt32
    /// The command sequence number: incremented for every new request and unchanged when a request is repeated.
    package var sequenceNumber: UInt8

    package init(ssrc: UInt32, sequenceNumber: UInt8) {
      self.ssrc = ssrc
      self.sequenceNumber = sequenceNumber
    }
  }

  package var senderSSRC: UInt32
  package var entries: [Entry]

  package init(senderSSRC: UInt32, entries: [Entry]) {
    self.senderSSRC = senderSSRC
    self.entries = entries
  }

  init(parsing body: inout ByteBuffer) throws(RTPError) {
    self.init(senderSSRC: try body.readWord(), entries: [])
    _ = try body.readWord()
    repeat {
      let ssrc = try body.readWord()
      entries.append(Entry(ssrc: ssrc, sequenceNumber: UInt8(try body.readWord() >> 24)))
    } while body.readableBytes > 0
  }

  func write(to buffer: inout ByteBuffer) {
    buffer.writeRTCPPacket(.payloadSpecificFeedback, count: Int(Self.format)) { body in
      body.writeMultipleIntegers(senderSSRC, UInt32(0))
      for entry in entries {
        body.writeMultipleIntegers(entry.ssrc, UInt32(entry.sequenceNumber) << 24)
      }
    }
  }
}
