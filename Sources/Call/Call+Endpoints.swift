import ICE
import NIOCore
import Peer

/// What whoever drives the sockets tells and is told.
extension Call {
  /// The media that want sockets of their own.
  package var transportMedia: [MediaKind] { connection?.transportMedia ?? [] }

  /// A bound UDP socket on one interface address, for the transport of that medium.
  package func addLocalEndpoint(
    _ endpoint: LocalEndpoint, address: SocketAddress, for kind: MediaKind, now: NIODeadline
  ) {
    connection?.addLocalEndpoint(endpoint, address: address, for: kind, now: now)
    drain(now)
  }

  /// The socket is gone for good.
  package func removeLocalEndpoint(_ endpoint: LocalEndpoint, now: NIODeadline) {
    connection?.removeLocalEndpoint(endpoint, now: now)
    drain(now)
  }

  /// A connection that ``pollConnectionRequest()`` asked for is open, with its TLS where it was to have any.
  package func connected(_ endpoint: LocalEndpoint, now: NIODeadline) {
    connection?.connected(endpoint, now: now)
    drain(now)
  }

  /// Such a connection could not be opened, or has ended; `reason` is for people.
  package func disconnected(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline) {
    connection?.disconnected(endpoint, reason: reason, now: now)
    drain(now)
  }

  package func receive(
    _ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline
  ) {
    connection?.receive(datagram, from: source, on: endpoint, now: now)
    drain(now)
  }

  /// The next datagram that is to leave at `now`.
  package func pollTransmit(now: NIODeadline) -> Transmit? { connection?.pollTransmit(now: now) }

  /// Connections to TURN servers; to be polled after ``pollTransmit(now:)``.
  package func pollConnectionRequest() -> ConnectionRequest? { connection?.pollConnectionRequest() }
}
