import Glibc
import NIOCore
import NIOPosix

/// The interface addresses worth a host candidate (RFC 8445 section 5.1.1.1).
package enum HostInterfaces {
  /// A laptop with containers has dozens of bridges; more sockets than this only slow the checks down.
  private static let limit = 16

  /// Loopback is left out, as the RFC says, except where `includesLoopback`: a call to a server on this very host.
  package static func addresses(includesLoopback: Bool) -> [SocketAddress] {
    named.map(\.address).filter { includesLoopback || !isLoopback($0) }.prefix(limit).map { $0 }
  }

  /// With the interface's name, loopback too.
  package static var named: [(name: String, address: SocketAddress)] {
    let devices = (try? System.enumerateDevices()) ?? []
    return devices.compactMap { device in device.address.map { (device.name, $0) } }.filter { isUsable($0.address) }
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
  static func isUsable(_ address: SocketAddress) -> Bool {
    guard address.protocol == .inet || address.protocol == .inet6, let text = address.ipAddress else { return false }
    return !text.hasPrefix("fe80:") && !text.hasPrefix("169.254.") && text != "0.0.0.0" && text != "::"
      && !address.isMulticast
  }
}
