/// One server to be asked from one socket.
struct GatheringTask: Hashable, Sendable {
  let endpoint: LocalEndpoint
  /// Its index in the configuration.
  let server: Int
  /// Of the relayed address.
  var family = STUNAddressFamily.ipv4
}
