import ICE
import NIOCore

/// Whom the handlers of sockets and connections tell what happens, on the loop that all share.
protocol EndpointDriver: Actor {
  func receive(_ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint)
  /// What came in one read was handed over.
  func advance()
  func connectionOpened(_ endpoint: LocalEndpoint)
  func connectionClosed(_ endpoint: LocalEndpoint, reason: String)
  /// The kernel refused a datagram (no route, no buffer), and NIO closes a socket for that.
  func socketClosed(_ endpoint: LocalEndpoint)
  /// The socket stays open: an ICMP error.
  func socketFailed(_ endpoint: LocalEndpoint, _ error: any Error)
}
