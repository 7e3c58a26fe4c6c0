import ICE
import NIOCore

/// What speaks over UDP sockets and connections to TURN servers, without any I/O of its own; ``EngineDriver`` has those.
package protocol NetworkEngine: AnyObject, SendableMetatype {
  associatedtype Event: Sendable
  associatedtype Medium: Sendable

  /// The media that want sockets of their own. The sockets are numbered from 1 on, in this order.
  var transportMedia: [Medium] { get }
  /// The only address that datagrams are sent to, where there is only one. The sockets are connected to it, so that the
  /// system tells when nobody listens there (connect(2)).
  var remote: SocketAddress? { get }
  func addLocalEndpoint(_ endpoint: LocalEndpoint, address: SocketAddress, for medium: Medium, now: NIODeadline)
  /// No socket can be opened at `address`; `reason` is for people.
  func localEndpointRefused(at address: SocketAddress, for medium: Medium, reason: String, now: NIODeadline)
  /// The system does not send what is to leave by the socket, or closed it; `reason` is for people.
  func socketFailed(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline)
  /// The socket is gone for good.
  func removeLocalEndpoint(_ endpoint: LocalEndpoint, now: NIODeadline)
  func receive(_ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline)
  func connected(_ endpoint: LocalEndpoint, now: NIODeadline)
  func disconnected(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline)
  func handleTimeout(now: NIODeadline)
  /// Says goodbye: the deadline is nil when all has been said.
  func close(now: NIODeadline)

  var deadline: NIODeadline? { get }
  func pollEvent() -> Event?
  /// The next datagram that is to leave at `now`.
  func pollTransmit(now: NIODeadline) -> Transmit?
  /// To be polled after ``pollTransmit(now:)``.
  func pollConnectionRequest() -> ConnectionRequest?
}

/// The defaults are those of a call: an address without a socket is left out, and a path that is gone shows in ICE's own
/// checks.
extension NetworkEngine {
  package var remote: SocketAddress? { nil }
  package func localEndpointRefused(
    at address: SocketAddress, for medium: Medium, reason: String, now: NIODeadline
  ) {}
  package func socketFailed(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline) {}
}
