import NIOCore

/// A request to the driver concerning the connection to a TURN server that is reached by TCP or TLS (RFC 8656 section
/// 3.1).
package enum ConnectionRequest: Hashable, Sendable {
  /// The time after which a connection attempt fails. TCP repeats its SYN after 1, 3 and 7 s (RFC 6298 section 2).
  package static let timeout = TimeAmount.seconds(10)

  /// Open a connection from the IP address of the endpoint's socket. If there is a server name, TLS is used, and the
  /// certificate of the server must be valid for it.
  case connect(LocalEndpoint, to: SocketAddress, serverName: String?)
  /// Close the connection once everything was sent that was to be sent on it.
  case disconnect(LocalEndpoint)
}
