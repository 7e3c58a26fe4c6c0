import NIOCore

extension ByteBuffer {
  /// Makes a buffer for one packet: `headroom` bytes stay free before the reader index, for framing that is added
  /// later, and `capacity` bytes can be written without a reallocation.
  static func packet(headroom: Int, capacity: Int) -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: headroom + capacity)
    buffer.moveWriterIndex(to: headroom)
    buffer.moveReaderIndex(to: headroom)
    return buffer
  }

  /// Moves past `count` bytes.
  ///
  /// - Throws: `RTPError.truncated` if there are fewer.
  mutating func skip(_ count: Int) throws(RTPError) {
    guard count <= readableBytes else { throw .truncated }
    moveReaderIndex(forwardBy: count)
  }

  /// Removes the padding: "The last octet of the padding contains a count of how many padding octets should be ignored,
  /// including itself" (RFC 3550 section 5.1).
  ///
  /// - Throws: `RTPError.invalidPadding`.
  mutating func removePadding() throws(RTPError) {
    guard let count: UInt8 = getInteger(at: writerIndex - 1), count > 0, count <= readableBytes else {
      throw .invalidPadding
    }
    moveWriterIndex(to: writerIndex - Int(count))
  }
}
