import NIOCore

/// A measurement by an exchange with servers, which ends by itself. `jinglecam check` consists of probes.
package protocol Probe: Sendable {
  associatedtype Finding: Sendable

  /// The sockets to open, each bound to the local address from which the servers are reached.
  var sockets: [LocalEndpoint] { get }
  /// The only address to which datagrams are sent, if there is only one; the system can then report that its port is
  /// closed.
  var remote: SocketAddress? { get }
  var isFinished: Bool { get }
  /// When ``handleTimeout(now:)`` is due; nil if nothing is scheduled.
  var deadline: NIODeadline? { get }

  /// Starts the probe once the sockets are open at these addresses.
  mutating func start(at addresses: [LocalEndpoint: SocketAddress], now: NIODeadline)
  mutating func receive(
    _ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline)
  /// A requested connection is open, including its TLS handshake.
  mutating func connected(_ endpoint: LocalEndpoint, now: NIODeadline)
  /// A connection could not be opened or ended, or the system refuses a socket; `reason` is a text for users.
  mutating func disconnected(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline)
  mutating func handleTimeout(now: NIODeadline)
  /// Frees what the servers keep for the probe, which then ends soon.
  mutating func stop(now: NIODeadline)

  mutating func pollTransmit() -> Transmit?
  /// The next connection to open or close, to be polled after ``pollTransmit()``.
  mutating func pollConnectionRequest() -> ConnectionRequest?
  mutating func pollFinding() -> Finding?
}

extension Probe {
  package var remote: SocketAddress? { nil }
  package mutating func connected(_ endpoint: LocalEndpoint, now: NIODeadline) {}
  package mutating func pollConnectionRequest() -> ConnectionRequest? { nil }
}
