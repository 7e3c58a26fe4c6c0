import NIOCore

extension SocketAddress {
  /// The address as text: `192.0.2.1:3478`, `[2001:db8::1]:3478`.
  package var text: String {
    guard let ipAddress else { return "?" }
    let host = self.protocol == .inet6 ? "[\(ipAddress)]" : ipAddress
    return port.map { "\(host):\($0)" } ?? host
  }

  /// Whether the address is in 127.0.0.0/8 or is ::1.
  var isLoopback: Bool {
    switch self {
    case .v4(let v4):
      UInt32(bigEndian: v4.address.sin_addr.s_addr) >> 24 == 127
    case .v6(let v6):
      withUnsafeBytes(of: v6.address.sin6_addr) { bytes in bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1 }
    case .unixDomainSocket:
      false
    }
  }

  /// Whether a server can have seen us at this address, or can relay to it.
  func isPlausible(from server: SocketAddress) -> Bool {
    isUsableCandidateAddress && (!isLoopback || server.isLoopback)
  }

  /// Whether a candidate may have this address.
  ///
  /// A link-local IPv6 address is useless without the interface of its link, which the signalling cannot carry.
  var isUsableCandidateAddress: Bool {
    guard let port, port != 0 else { return false }
    switch self {
    case .v4(let v4):
      let first = UInt32(bigEndian: v4.address.sin_addr.s_addr) >> 24
      // These ranges are "this network", multicast, reserved and broadcast.
      return first != 0 && first < 224
    case .v6(let v6):
      return withUnsafeBytes(of: v6.address.sin6_addr) { bytes in
        let isMulticast = bytes[0] == 0xFF
        let isLinkLocal = bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
        let isUnspecified = bytes.allSatisfy { $0 == 0 }
        // "IPv4-mapped IPv6 addresses SHOULD NOT be included" (RFC 8445 section 5.1.1.1).
        let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return !(isMulticast || isLinkLocal || isUnspecified || isMapped)
      }
    case .unixDomainSocket:
      return false
    }
  }
}
