import ICE
import NIOCore

/// What speaks over UDP sockets and connections to TURN servers, without any I/O of its own; ``EngineDriver`` has those.
package protocol NetworkEngine: AnyObject, SendableMetatype {
  associatedtype Event: Sendable
  associatedtype Medium: Sendable

  /// The media that want sockets of their own.
  var transportMedia: [Medium] { get }
  func addLocalEndpoint(_ endpoint: LocalEndpoint, address: SocketAddress, for medium: Medium, now: NIODeadline)
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
