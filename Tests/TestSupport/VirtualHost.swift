import ICE
import NIOCore

/// Whatever speaks on a `VirtualNetwork`: an engine behind a few sockets, and perhaps connections to TURN servers.
package protocol VirtualHost: AnyObject {
  func receive(_ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline)
  func handleTimeout(now: NIODeadline)
  func pollTransmit() -> Transmit?
  var deadline: NIODeadline? { get }
  func pollConnectionRequest() -> ConnectionRequest?
  func connected(_ endpoint: LocalEndpoint, now: NIODeadline)
  func disconnected(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline)
}

extension VirtualHost {
  package func pollConnectionRequest() -> ConnectionRequest? { nil }
  package func connected(_ endpoint: LocalEndpoint, now: NIODeadline) {}
  package func disconnected(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline) {}
}
