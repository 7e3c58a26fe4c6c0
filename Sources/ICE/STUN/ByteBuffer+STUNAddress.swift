import NIOCore

/// The values of MAPPED-ADDRESS and XOR-MAPPED-ADDRESS (RFC 8489 sections 14.1 and 14.2).
extension ByteBuffer {
  /// Reads a value that fills the buffer; returns nil if it is malformed.
  ///
  /// - Parameter transactionID: the transaction of an XOR'ed address; nil for a plain one.
  mutating func readSTUNAddress(xor transactionID: TransactionID? = nil) -> SocketAddress? {
    guard
      readInteger(as: UInt8.self) != nil,
      let family = readInteger(as: UInt8.self).flatMap(STUNAddressFamily.init),
      var port = readInteger(as: UInt16.self),
      readableBytes == family.addressLength
    else { return nil }
    var address = self
    if let transactionID {
      port ^= UInt16(STUNMessage.magicCookie >> 16)
      address = ByteBuffer(bytes: zip(readableBytesView, transactionID.addressMask).map { $0 ^ $1 })
    }
    return try? SocketAddress(packedIPAddress: address, port: Int(port))
  }

  /// Writes the value for `address`, which must be an IP address.
  mutating func writeSTUNAddress(_ address: SocketAddress, xor transactionID: TransactionID? = nil) {
    let portMask = transactionID == nil ? 0 : UInt16(STUNMessage.magicCookie >> 16)
    let mask = transactionID?.addressMask ?? [UInt8](repeating: 0, count: 16)
    writeInteger(UInt8(0))
    switch address {
    case .v4(let v4):
      writeInteger(STUNAddressFamily.ipv4.rawValue)
      writeInteger(UInt16(bigEndian: v4.address.sin_port) ^ portMask)
      withUnsafeBytes(of: v4.address.sin_addr) { _ = writeBytes(zip($0, mask).map { $0 ^ $1 }) }
    case .v6(let v6):
      writeInteger(STUNAddressFamily.ipv6.rawValue)
      writeInteger(UInt16(bigEndian: v6.address.sin6_port) ^ portMask)
      withUnsafeBytes(of: v6.address.sin6_addr) { _ = writeBytes(zip($0, mask).map { $0 ^ $1 }) }
    case .unixDomainSocket:
      preconditionFailure("STUN carries IP addresses only")
    }
  }
}

extension STUNAddressFamily {
  fileprivate var addressLength: Int {
    switch self {
    case .ipv4: 4
    case .ipv6: 16
    }
  }
}

extension TransactionID {
  /// "the concatenation of the magic cookie and the 96-bit transaction ID" (RFC 8489 section 14.2); IPv4 uses the first
  /// four bytes.
  fileprivate var addressMask: [UInt8] {
    var mask = ByteBuffer()
    mask.writeMultipleIntegers(STUNMessage.magicCookie, high, low)
    return Array(mask.readableBytesView)
  }
}
