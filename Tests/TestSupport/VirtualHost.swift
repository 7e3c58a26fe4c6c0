import ICE
import NIOCore

/// Whatever speaks on a `VirtualNetwork`: an engine behind a few sockets.
package protocol VirtualHost: AnyObject {
  func receive(_ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline)
  func handleTimeout(now: NIODeadline)
  func pollTransmit() -> Transmit?
  var deadline: NIODeadline? { get }
}
