import NIOCore

/// Splits the byte stream of a TURN server into STUN and ChannelData messages (RFC 8656 section 12.5, RFC 8489 section
/// 6.2.2).
///
/// Both have a 16-bit length, so that at most one message of 64 KiB is buffered, with what was received together with
/// its end.
package struct TURNStreamDecoder: Sendable {
  private var buffer = ByteBuffer()

  package init() {}

  package mutating func append(_ bytes: ByteBuffer) {
    guard buffer.readableBytes > 0 else { return buffer = bytes }
    buffer.discardReadBytes()
    buffer.writeImmutableBuffer(bytes)
  }

  /// Returns the next message without its padding, or nil until it is complete.
  ///
  /// - Throws: `TURNStreamError.unknownMessage`, after which the stream is unusable.
  package mutating func next() throws(TURNStreamError) -> ByteBuffer? {
    guard
      buffer.readableBytes >= ChannelBinding.headerLength,
      let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self),
      let length = buffer.getInteger(at: buffer.readerIndex + 2, as: UInt16.self)
    else { return nil }
    switch first {
    // The first byte is 0 to 3 for STUN, and 64 to 79 for ChannelData (RFC 7983 section 7).
    case 0...3: return try nextMessage(length: STUNMessage.headerLength + Int(length))
    case 64...79: return nextChannelData(length: ChannelBinding.headerLength + Int(length))
    default: throw .unknownMessage
    }
  }

  private mutating func nextMessage(length: Int) throws(TURNStreamError) -> ByteBuffer? {
    guard buffer.readableBytes >= STUNMessage.headerLength else { return nil }
    guard
      length % 4 == 0, buffer.getInteger(at: buffer.readerIndex + 4, as: UInt32.self) == STUNMessage.magicCookie
    else { throw .unknownMessage }
    return buffer.readSlice(length: length)
  }

  /// "over TCP and TLS-over-TCP, the ChannelData message MUST be padded to a multiple of four bytes"; "the padding is
  /// not reflected in the length field" (RFC 8656 section 12.5).
  private mutating func nextChannelData(length: Int) -> ByteBuffer? {
    let padding = ChannelBinding.padding(length: length)
    guard buffer.readableBytes >= length + padding, let message = buffer.readSlice(length: length) else { return nil }
    buffer.moveReaderIndex(forwardBy: padding)
    return message
  }
}
