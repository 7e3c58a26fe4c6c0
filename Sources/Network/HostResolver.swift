import Glibc
import NIOCore
import NIOPosix
import XMPP

/// A and AAAA look-ups by libc's resolver (getaddrinfo), each on a thread, since it blocks and cannot be cancelled.
package struct HostResolver: Sendable {
  package typealias LookUp = @Sendable (_ host: String, _ port: Int) -> [SocketAddress]

  /// Where DNS is silent, libc would wait for many times that.
  package static let timeout = TimeAmount.seconds(3)
  /// The most look-ups that run at a time.
  static let concurrency = 8
  /// A name with more addresses than this is a trap.
  package static let limit = 4

  private let eventLoop: any EventLoop
  private let timeout: TimeAmount
  private let lookUp: LookUp
  package var threads = ResolverThreads.servers

  package init(
    on eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.any(),
    timeout: TimeAmount = HostResolver.timeout, lookUp: @escaping LookUp = HostResolver.systemLookUp
  ) {
    self.eventLoop = eventLoop
    self.timeout = timeout
    self.lookUp = lookUp
  }

  /// None where the name has none, nothing was heard in time, or the task is cancelled.
  package func addresses(of host: String, port: Int) async -> [SocketAddress] {
    let promise = eventLoop.makePromise(of: [SocketAddress].self)
    let timer = eventLoop.scheduleTask(in: timeout) { promise.succeed([]) }
    // Whichever comes second is ignored.
    threads.run(on: eventLoop) { [lookUp] in Array(lookUp(host, port).prefix(Self.limit)) }.whenComplete { result in
      timer.cancel()
      promise.completeWith(result)
    }
    return (try? await promise.futureResult.get { _ in }) ?? []
  }

  package static let systemLookUp: LookUp = { host, port in
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
    // Without AI_ADDRCONFIG: it ignores loopback, and a server on this very host is still a server.
    hints.ai_flags = AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(IDNA.ascii(host), String(port), &hints, &list) == 0 else { return [] }
    defer { freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var next = list
    while let entry = next {
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
