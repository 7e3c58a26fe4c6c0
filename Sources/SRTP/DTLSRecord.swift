import NIOCore

/// What is seen of DTLS records without their keys, RFC 6347 section 4.1.
enum DTLSRecord {
  private static let headerLength = 13

  /// The octets that a suite adds to what it protects: an explicit nonce of 8 and a tag of 16 (RFC 5288 section 3), or the
  /// tag alone (RFC 7905 section 2).
  static func overhead(hasExplicitNonce: Bool) -> Int { hasExplicitNonce ? 24 : 16 }

  /// Whether a record in the datagram claims to be encrypted and is shorter than encryption makes it, which only a forged
  /// one is.
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
