import NIOCore

/// SDES: a source description (RFC 3550 section 6.5), of which only the CNAME is read and written.
package struct SourceDescription: Hashable, Sendable {
  /// The description of one source.
  package struct Chunk: Hashable, Sendable {
    package var ssrc: UInt32
    /// The CNAME item, at most 255 bytes of UTF-8.
    package var canonicalName: String?

    package init(ssrc: UInt32, canonicalName: String?) {
      self.ssrc = ssrc
      self.canonicalName = canonicalName
    }
  }

  private static let end: UInt8 = 0
  private static let canonicalName: UInt8 = 1

  /// The chunks; at most 31, since the SC field has five bits.
  package var chunks: [Chunk]

  package init(chunks: [Chunk]) {
    self.chunks = chunks
  }

  init(parsing body: inout ByteBuffer, count: Int) throws(RTPError) {
    chunks = []
    for _ in 0..<count {
      chunks.append(try Self.readChunk(from: &body))
    }
  }

  private static func readChunk(from body: inout ByteBuffer) throws(RTPError) -> Chunk {
    let start = body.readerIndex
    var chunk = Chunk(ssrc: try body.readWord(), canonicalName: nil)
    while true {
      guard let type: UInt8 = body.readInteger() else { throw .truncated }
      guard type != end else { break }
      guard let length: UInt8 = body.readInteger(), let text = body.readSlice(length: Int(length)) else {
        throw .truncated
      }
      if type == canonicalName {
        chunk.canonicalName = String(buffer: text)
      }
    }
    // Null octets pad the list of items up to the next 32-bit boundary, on which every chunk begins (RFC 3550 section
    // 6.5).
    try body.skip((4 - (body.readerIndex - start) % 4) % 4)
    return chunk
  }

  func write(to buffer: inout ByteBuffer) {
    buffer.writeRTCPPacket(.sourceDescription, count: chunks.count) { body in
      for chunk in chunks {
        let start = body.writerIndex
        body.writeInteger(chunk.ssrc)
        if let name = chunk.canonicalName {
          precondition(name.utf8.count <= 255, "an SDES item has at most 255 bytes")
          body.writeMultipleIntegers(Self.canonicalName, UInt8(name.utf8.count))
          body.writeString(name)
        }
        body.writeRepeatingByte(Self.end, count: 4 - (body.writerIndex - start) % 4)
      }
    }
  }
}
