import NIOCore

extension ByteBuffer {
  /// A buffer for one packet: `headroom` bytes are left before the reader index (for framing that is put on later),
  /// and `capacity` bytes fit behind it without growing.
  static func packet(headroom: Int, capacity: Int) -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: headroom + capacity)
    buffer.moveWriterIndex(to: headroom)
    buffer.moveReaderIndex(to: headroom)
    return buffer
  }

  mutating func skip(_ count: Int) throws(RTPError) {
    guard count <= readableBytes else { throw .truncated }
    moveReaderIndex(forwardBy: count)
  }

  /// Drops the padding at the end: "The last octet of the padding contains a count of how many padding octets should
  /// be ignored, including itself" (RFC 3550 section 5.1).
  mutating func removePadding() throws(RTPError) {
    guard let count: UInt8 = getInteger(at: writerIndex - 1), count > 0, count <= readableBytes else {
      throw .invalidPadding
    }
    moveWriterIndex(to: writerIndex - Int(count))
  }
}
