import Glibc
import NIOCore

/// Which way the system would send: asked by connecting a datagram socket (connect(2)), which sends nothing.
package enum Route {
  /// RFC 5737 and RFC 3849: addresses that are nobody's, to which only a default route leads.
  package static let documentation = ["192.0.2.1", "2001:db8::1"]

  package struct Failure: Error {
    package let reason: String
  }

  /// The address, with port 0, that datagrams to there come from.
  package static func source(to destination: SocketAddress) throws(Failure) -> SocketAddress {
    let family = destination.protocol == .inet6 ? AF_INET6 : AF_INET
    let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failure }
    defer { close(descriptor) }
    guard destination.withSockAddr({ connect(descriptor, $0, socklen_t($1)) }) == 0 else { throw failure }
    return try name(of: descriptor, family: family)
  }

  private static func name(of descriptor: Int32, family: Int32) throws(Failure) -> SocketAddress {
    var (v4, v6) = (sockaddr_in(), sockaddr_in6())
    let isV6 = family == AF_INET6
    var length = socklen_t(isV6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
    let result = isV6 ? get(&v6, descriptor, &length) : get(&v4, descriptor, &length)
    guard result == 0 else { throw failure }
    var address = isV6 ? SocketAddress(v6) : SocketAddress(v4)
    address.port = 0
    return address
  }

  private static func get<Address>(_ address: inout Address, _ descriptor: Int32, _ length: inout socklen_t) -> Int32 {
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
  }

  private static var failure: Failure { Failure(reason: String(cString: strerror(errno))) }
}
