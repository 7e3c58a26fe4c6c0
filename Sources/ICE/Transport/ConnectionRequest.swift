import NIOCore

/// What the driver is to do for a TURN server that is reached by TCP or TLS (RFC 8656 section 3.1).
package enum ConnectionRequest: Hashable, Sendable {
  /// TCP's SYN is repeated after 1, 3 and 7 s (RFC 6298 section 2).
  package static let timeout = TimeAmount.seconds(10)

  /// From the IP address of the endpoint's socket, with TLS where there is a name, which the server must prove to have.
  case connect(LocalEndpoint, to: SocketAddress, serverName: String?)
  /// After what was to be sent on it before.
  case disconnect(LocalEndpoint)
}
