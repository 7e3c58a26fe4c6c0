import Glibc
import NIOCore

/// The interface addresses worth a host candidate (RFC 8445 section 5.1.1.1).
package enum HostInterfaces {
  /// A laptop with containers has dozens of bridges; more sockets than this only slow the checks down.
  private static let limit = 16

  /// Loopback is left out, as the RFC says, except where `includesLoopback`: a call to a server on this very host.
  package static func addresses(includesLoopback: Bool) -> [SocketAddress] {
    offered.map(\.address).filter { includesLoopback || !isLoopback($0) }.prefix(limit).map { $0 }
  }

  /// The addresses worth a host candidate, those of loopback included; none where the kernel cannot be asked.
  package static var offered: [InterfaceAddress] { offered(of: (try? InterfaceAddress.all()) ?? []) }

  /// "If gathering one or more host candidates that correspond to an IPv6 address that was generated using a mechanism
  /// that prevents location tracking, host candidates that … do allow location tracking, are configured on the same
  /// interface, and are part of the same network prefix MUST NOT be gathered" (RFC 8445 section 5.1.1.1).
  static func offered(of addresses: [InterfaceAddress]) -> [InterfaceAddress] {
    let usable = addresses.filter { isUsable($0.address) && $0.isPreferred }
    let untrackable = Set(usable.filter(\.isTemporary).map(\.network))
    return usable.filter { $0.isTemporary || !untrackable.contains($0.network) }
  }

  /// Whether a connection from this address still can be of this host: who binds a socket to it is told (ip(7)).
  package static func isPresent(_ address: SocketAddress) -> Bool {
    let family = address.protocol == .inet6 ? AF_INET6 : AF_INET
    let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return true }
    defer { close(descriptor) }
    var address = address
    address.port = 0
    let status = address.withSockAddr { bind(descriptor, $0, socklen_t($1)) }
    // ENODEV: the interface of a link-local address is gone.
    return status == 0 || (errno != EADDRNOTAVAIL && errno != ENODEV)
  }

  package static func isLoopback(_ address: SocketAddress) -> Bool {
    guard let text = address.ipAddress else { return false }
    return text == "::1" || (address.protocol == .inet && text.hasPrefix("127."))
  }

  /// Link-local IPv6 needs a scope that no candidate line can carry; unspecified and multicast addresses are no hosts.
  /// "IPv4-compatible IPv6 addresses and IPv6 site-local unicast addresses MUST NOT be included", and IPv4-mapped ones
  /// are not where IPv4 itself is (RFC 8445 section 5.1.1.1).
  static func isUsable(_ address: SocketAddress) -> Bool {
    guard !address.isMulticast else { return false }
    let octets = address.ipOctets
    switch address {
    case .v4: return octets != [0, 0, 0, 0] && !octets.starts(with: [169, 254])
    case .v6:
      let isEmbedded =
        octets.prefix(10).allSatisfy { $0 == 0 } && (octets[10...11] == [0, 0] || octets[10...11] == [255, 255])
      let isLocal = octets[0] == 0xFE && octets[1] & 0x80 != 0
      return !isLocal && (!isEmbedded || isLoopback(address))
    case .unixDomainSocket: return false
    }
  }
}

extension InterfaceAddress {
  /// What two addresses have in common if they are of one interface and "part of the same network prefix".
  fileprivate struct Network: Hashable {
    let interface: UInt32
    let prefix: ArraySlice<UInt8>
  }

  /// Global unicast addresses "have a 64-bit interface ID field" (RFC 4291 section 2.5.4); the prefix that the kernel
  /// has with an address of DHCPv6 is of 128 bits. An address of IPv4 shares its network with no other, so that a secondary
  /// one, which the kernel marks as it does a temporary one, hides nothing.
  fileprivate var network: Network { Network(interface: interface, prefix: address.ipOctets.prefix(8)) }

  fileprivate var isTemporary: Bool { flags.contains(.temporary) }

  /// Whether new communications may begin with it: it is neither deprecated nor possibly another host's.
  fileprivate var isPreferred: Bool {
    flags.isDisjoint(with: [.deprecated, .duplicate]) && (!flags.contains(.tentative) || flags.contains(.optimistic))
  }
}
