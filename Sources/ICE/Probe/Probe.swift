import NIOCore

/// An exchange with servers that finds something out and then is over; `jinglecam check` is made of such.
package protocol Probe: Sendable {
  associatedtype Finding: Sendable

  /// What the driver opens for it, each bound to the address of the host from which the servers are reached.
  var sockets: [LocalEndpoint] { get }
  /// The only one that it sends datagrams to, where there is one: so the system can tell that nobody listens there.
  var remote: SocketAddress? { get }
  var isFinished: Bool { get }
  /// Of what goes on by itself; nil: nothing does.
  var deadline: NIODeadline? { get }

  /// The sockets are open, at these addresses.
  mutating func start(at addresses: [LocalEndpoint: SocketAddress], now: NIODeadline)
  mutating func receive(
    _ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline)
  /// A connection that was asked for is open, and its TLS handshake done where it has one.
  mutating func connected(_ endpoint: LocalEndpoint, now: NIODeadline)
  /// A connection could not be opened or ended, or the system refuses a socket; `reason` is for people.
  mutating func disconnected(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline)
  mutating func handleTimeout(now: NIODeadline)
  /// Gives back what servers keep for us, and finishes soon.
  mutating func stop(now: NIODeadline)

  mutating func pollTransmit() -> Transmit?
  /// To be polled after `pollTransmit`.
  mutating func pollConnectionRequest() -> ConnectionRequest?
  mutating func pollFinding() -> Finding?
}

extension Probe {
  package var remote: SocketAddress? { nil }
  package mutating func connected(_ endpoint: LocalEndpoint, now: NIODeadline) {}
  package mutating func pollConnectionRequest() -> ConnectionRequest? { nil }
}
