import Glibc
import NIOCore
import NIOPosix

/// A and AAAA look-ups by libc's resolver (getaddrinfo), on a thread of the pool for blocking work.
enum HostResolver {
  /// A name with more addresses than this is a trap.
  private static let limit = 4

  static func addresses(of host: String, port: Int) async -> [SocketAddress] {
    let found = try? await NIOThreadPool.singleton.runIfActive { lookUp(host, port: port) }
    return found ?? []
  }

  private static func lookUp(_ host: String, port: Int) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
    // Without AI_ADDRCONFIG: it ignores loopback, and a server on this very host is still a server.
    hints.ai_flags = AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &list) == 0 else { return [] }
    defer { freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var next = list
    while let entry = next, addresses.count < limit {
      if let address = socketAddress(of: entry.pointee) { addresses.append(address) }
      next = entry.pointee.ai_next
    }
    return addresses
  }

  private static func socketAddress(of entry: addrinfo) -> SocketAddress? {
    guard let pointer = entry.ai_addr else { return nil }
    switch entry.ai_family {
    case AF_INET:
      return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) }
    case AF_INET6:
      return pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) }
    default:
      return nil
    }
  }
}
