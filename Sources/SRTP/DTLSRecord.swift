import NIOCore

/// What is seen of DTLS records without their keys, RFC 6347 section 4.1.
enum DTLSRecord {
  private static let headerLength = 13

  /// Whether a record in the datagram claims to be encrypted and is shorter than encryption makes it, which only a forged
  /// one is.
  ///
  /// - Parameter overhead: the octets that the cipher suite adds to what it protects.
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
