/// Identifies a socket by a number that the driver chose, or a connection to a TURN server that is opened from the same
/// IP address.
package struct LocalEndpoint: Hashable, Sendable {
  package let id: UInt32
  /// The number of the connection; nil for the socket itself.
  package let connection: UInt32?

  package init(id: UInt32, connection: UInt32? = nil) {
    self.id = id
    self.connection = connection
  }

  package var socket: LocalEndpoint { LocalEndpoint(id: id) }
}
