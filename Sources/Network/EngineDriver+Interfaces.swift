import ICE
import NIOCore

/// Interface addresses that come and go in mid-call (RFC 8445 section 5.1.1.1; RFC 8838 section 4 for what comes late).
extension EngineDriver {
  /// Follows the changes of the host's addresses from now on. Where the kernel does not tell of them, consent freshness does.
  package func watchInterfaces(_ addresses: @escaping @Sendable () -> [SocketAddress]) {
    guard !isClosed else { return }
    interfaces = InterfaceWatch.start(on: eventLoop) { [weak self] in
      self?.assumeIsolated { driver in driver.follow(addresses()) }
    }
  }

  /// The socket is gone for good.
  func retire(_ endpoint: LocalEndpoint) {
    let channel = sockets.retire(endpoint)
    channel?.close(promise: nil)
    engine.removeLocalEndpoint(endpoint, now: .now())
  }

  /// An address that is gone takes its sockets along; one that is new gets its own, and so candidates.
  func follow(_ current: [SocketAddress], isPresent: (SocketAddress) -> Bool = HostInterfaces.isPresent) {
    guard !isClosed else { return }
    for endpoint in sockets.endpointsGone(from: current, isPresent: isPresent) { retire(endpoint) }
    let new = sockets.beginBinding(newOf: current)
    if !new.isEmpty {
      Task {
        for medium in engine.transportMedia {
          for address in new { await bind(address, for: medium) }
        }
        sockets.endBinding(new)
        advance()
      }
    }
    advance()
  }
}
