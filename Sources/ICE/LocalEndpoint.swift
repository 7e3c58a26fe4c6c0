/// Names a socket that the driver opened, by a number of the driver's choice, or one of the connections to TURN servers
/// that are opened from the same IP address.
package struct LocalEndpoint: Hashable, Sendable {
  package let id: UInt32
  /// The number of the connection; nil: the socket itself.
  package let connection: UInt32?

  package init(id: UInt32, connection: UInt32? = nil) {
    self.id = id
    self.connection = connection
  }

  package var socket: LocalEndpoint { LocalEndpoint(id: id) }
}
