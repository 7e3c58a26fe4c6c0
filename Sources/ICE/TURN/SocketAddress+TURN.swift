import NIOCore

extension SocketAddress {
  /// The address with port 0, since a permission is for an IP address and any port (RFC 8656 section 9).
  var withoutPort: SocketAddress {
    var address = self
    address.port = 0
    return address
  }

  var stunFamily: STUNAddressFamily? {
    switch self {
    case .v4: .ipv4
    case .v6: .ipv6
    case .unixDomainSocket: nil
    }
  }
}
