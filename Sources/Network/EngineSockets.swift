import ICE
import NIOCore

/// The UDP sockets of one engine and the addresses that they are bound to.
struct EngineSockets {
  private var nextNumber: UInt32 = 1
  private var open: [LocalEndpoint: DatagramSocket] = [:]
  /// Also of the sockets that are to be opened again.
  private var bound: [LocalEndpoint: SocketAddress] = [:]
  /// The interface addresses whose first sockets are being opened.
  private var pending: Set<SocketAddress> = []

  var isEmpty: Bool { open.isEmpty }
  var count: Int { open.count }
  var addresses: some Collection<SocketAddress> { bound.values }

  subscript(endpoint: LocalEndpoint) -> DatagramSocket? { open[endpoint] }
  func address(of endpoint: LocalEndpoint) -> SocketAddress? { bound[endpoint] }

  // MARK: Sockets

  /// A name for the next socket.
  mutating func makeEndpoint() -> LocalEndpoint {
    defer { nextNumber += 1 }
    return LocalEndpoint(id: nextNumber)
  }

  mutating func add(_ socket: DatagramSocket, _ endpoint: LocalEndpoint, at address: SocketAddress) {
    open[endpoint] = socket
    bound[endpoint] = address
  }

  /// False: the socket was retired meanwhile.
  mutating func reopen(_ socket: DatagramSocket, _ endpoint: LocalEndpoint) -> Bool {
    guard bound[endpoint] != nil else { return false }
    open[endpoint] = socket
    return true
  }

  /// The system closed the socket.
  ///
  /// - Returns: the address to open it again at; nil where there is no such socket.
  mutating func lose(_ endpoint: LocalEndpoint) -> SocketAddress? {
    open.removeValue(forKey: endpoint) == nil ? nil : bound[endpoint]
  }

  /// The socket is gone for good.
  ///
  /// - Returns: the channel to close. That tells of the end at once, and so must not happen while this is being changed.
  mutating func retire(_ endpoint: LocalEndpoint) -> (any Channel)? {
    bound[endpoint] = nil
    return open.removeValue(forKey: endpoint)?.channel
  }

  /// - Returns: the channels to close.
  mutating func removeAll() -> [any Channel] {
    defer { open = [:] }
    return open.values.map(\.channel)
  }

  // MARK: Interfaces

  /// The sockets whose addresses are neither among `current` nor present.
  ///
  /// One that is there and would not be offered any more keeps them: a temporary address is deprecated in favour of the
  /// next one a day later, and "should continue to be used … in existing communications" (RFC 4862 section 5.5.4).
  func endpointsGone(from current: [SocketAddress], isPresent: (SocketAddress) -> Bool) -> [LocalEndpoint] {
    let current = Set(current.map(\.withoutPort))
    return bound.filter { !current.contains($0.value.withoutPort) && !isPresent($0.value) }.map(\.key)
  }

  /// The addresses among `current` that have no socket yet, which are taken to be ``pending`` from now on.
  mutating func beginBinding(newOf current: [SocketAddress]) -> Set<SocketAddress> {
    let new = Set(current.map(\.withoutPort)).subtracting(bound.values.map(\.withoutPort)).subtracting(pending)
    pending.formUnion(new)
    return new
  }

  mutating func endBinding(_ new: Set<SocketAddress>) { pending.subtract(new) }
}

extension SocketAddress {
  /// The same IP address with port 0.
  var withoutPort: SocketAddress {
    var address = self
    address.port = 0
    return address
  }
}
