import NIOCore

/// A datagram to be sent from a socket to a remote address.
package struct Transmit: Equatable, Sendable {
  package var endpoint: LocalEndpoint
  package var remote: SocketAddress
  package var payload: ByteBuffer

  package init(endpoint: LocalEndpoint, remote: SocketAddress, payload: ByteBuffer) {
    self.endpoint = endpoint
    self.remote = remote
    self.payload = payload
  }
}
