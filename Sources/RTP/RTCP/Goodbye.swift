import NIOCore

/// BYE: the end of streams (RFC 3550 section 6.6). The reason for leaving is neither read nor written.
package struct Goodbye: Hashable, Sendable {
  /// The SSRCs that leave; at most 31, since the SC field has five bits.
  package var sources: [UInt32]

  package init(sources: [UInt32]) {
    self.sources = sources
  }

  init(parsing body: inout ByteBuffer, count: Int) throws(RTPError) {
    sources = []
    for _ in 0..<count {
      sources.append(try body.readWord())
    }
  }

  func write(to buffer: inout ByteBuffer) {
    buffer.writeRTCPPacket(.goodbye, count: sources.count) { body in
      for source in sources {
        body.writeInteger(source)
      }
    }
  }
}
