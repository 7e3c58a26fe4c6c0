import NIOCore

/// What can be read of DTLS records without the keys (RFC 6347 section 4.1).
enum DTLSRecord {
  private static let headerLength = 13

  /// Whether a record of the datagram claims to be encrypted but is shorter than an encrypted record can be, and so
  /// must be forged.
  ///
  /// - Parameter overhead: the number of octets that the cipher suite adds to a record.
  static func isForged(in datagram: ByteBuffer, overhead: Int) -> Bool {
    var rest = datagram
    while rest.readableBytes >= headerLength {
      guard let epoch = rest.getInteger(at: rest.readerIndex + 3, as: UInt16.self),
        let length = rest.getInteger(at: rest.readerIndex + 11, as: UInt16.self)
      else { return false }
      if epoch > 0, Int(length) < overhead { return true }
      rest.moveReaderIndex(forwardBy: min(rest.readableBytes, headerLength + Int(length)))
    }
    return false
  }
}
