import NIOCore

/// What can be read of DTLS records without the keys (RFC 6347 section 4.1).
enum DTLSRecord {
  private static let headerLength = 13
  private static let lengthOffset = 11
  private static let handshake: UInt8 = 22

  /// Returns a datagram with the handshake messages of neighbouring records that are not encrypted in one record, as
  /// RFC 6347 section 4.2.3 allows. OpenSSL writes a record for each. GnuTLS in Dino needs 50 ms for each record, and a
  /// server's flight has five.
  static func joiningHandshake(in datagram: UnsafeRawBufferPointer) -> ByteBuffer {
    var rest = ByteBuffer(bytes: datagram)
    var result = ByteBuffer()
    result.reserveCapacity(datagram.count)
    /// Where in the result the last record begins, if another can be joined to it.
    var last: Int?
    while let record = rest.readRecord(headerLength: headerLength) {
      let isHandshake = record.isPlain(handshake)
      if isHandshake, let last, let length = result.getInteger(at: last + lengthOffset, as: UInt16.self) {
        let body = record.readableBytesView.dropFirst(headerLength)
        result.writeBytes(body)
        result.setInteger(length + UInt16(body.count), at: last + lengthOffset)
      } else {
        last = isHandshake ? result.writerIndex : nil
        result.writeImmutableBuffer(record)
      }
    }
    result.writeBuffer(&rest)
    return result
  }

  /// Whether a record of the datagram claims to be encrypted but is shorter than an encrypted record can be, and so
  /// must be forged.
  ///
  /// - Parameter overhead: the number of octets that the cipher suite adds to a record.
  static func isForged(in datagram: ByteBuffer, overhead: Int) -> Bool {
    var rest = datagram
    while rest.readableBytes >= headerLength {
      guard let epoch = rest.getInteger(at: rest.readerIndex + 3, as: UInt16.self),
        let length = rest.getInteger(at: rest.readerIndex + lengthOffset, as: UInt16.self)
      else { return false }
      if epoch > 0, Int(length) < overhead { return true }
      rest.moveReaderIndex(forwardBy: min(rest.readableBytes, headerLength + Int(length)))
    }
    return false
  }
}

extension ByteBuffer {
  /// Reads a whole DTLS record with its header.
  fileprivate mutating func readRecord(headerLength: Int) -> ByteBuffer? {
    guard let length = getInteger(at: readerIndex + headerLength - 2, as: UInt16.self) else { return nil }
    return readSlice(length: headerLength + Int(length))
  }

  /// Whether a DTLS record has this content type and belongs to epoch 0, which is not encrypted.
  fileprivate func isPlain(_ contentType: UInt8) -> Bool {
    getInteger(at: readerIndex) == contentType && getInteger(at: readerIndex + 3, as: UInt16.self) == 0
  }
}
