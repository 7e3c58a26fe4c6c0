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
    addresses[endpoint] = nil
    sockets.removeValue(forKey: endpoint)?.channel.close(promise: nil)
    engine.removeLocalEndpoint(endpoint, now: .now())
  }

  /// An address that is gone takes its sockets along; one that is new gets its own, and so candidates. One that is there
  /// and would not be offered any more keeps them: a temporary address is deprecated in favour of the next one a day
  /// later, and "should continue to be used … in existing communications" (RFC 4862 section 5.5.4).
  func follow(_ current: [SocketAddress], isPresent: (SocketAddress) -> Bool = HostInterfaces.isPresent) {
    guard !isClosed else { return }
    let current = Set(current.map(\.withoutPort))
    let gone = addresses.filter { !current.contains($0.value.withoutPort) && !isPresent($0.value) }
    for endpoint in gone.keys { retire(endpoint) }
    let known = Set(addresses.values.map(\.withoutPort)).union(binding)
    let new = current.subtracting(known)
    if !new.isEmpty {
      binding.formUnion(new)
      Task {
        for medium in engine.transportMedia {
          for address in new { await bind(address, for: medium) }
        }
        binding.subtract(new)
        advance()
      }
    }
    advance()
  }
}

extension SocketAddress {
  fileprivate var withoutPort: SocketAddress {
    var address = self
    address.port = 0
    return address
  }
}
