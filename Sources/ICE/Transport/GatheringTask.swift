/// A server to be queried from a socket.
struct GatheringTask: Hashable, Sendable {
  let endpoint: LocalEndpoint
  /// The index of the server in the configuration.
  let server: Int
  /// The address family of the relayed address.
  var family = STUNAddressFamily.ipv4
}
