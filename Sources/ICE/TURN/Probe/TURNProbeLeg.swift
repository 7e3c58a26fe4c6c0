import NIOCore

/// One of the two allocations of a TURN probe, with its connection to the server if it needs one.
struct TURNProbeLeg: Sendable {
  let server: ICEServer
  let endpoint: LocalEndpoint
  var client: TURNClient
  var isConnected = false
  /// When the present stage began.
  var since: NIODeadline

  /// Returns nil if the server is not a TURN server.
  init?(
    _ server: ICEServer, socket: LocalEndpoint, relaxed: Bool,
    generator: any RandomNumberGenerator & Sendable, now: NIODeadline
  ) {
    guard case .turn(let credentials) = server.kind else { return nil }
    self.server = server
    endpoint = LocalEndpoint(id: socket.id, connection: server.relayProtocol.isStream ? 1 : nil)
    client = TURNClient(
      server: server.address, endpoint: endpoint, credentials: credentials, relaxed: relaxed,
      relayProtocol: server.relayProtocol, generator: generator)
    since = now
  }

  /// The connection to be opened; nil over UDP.
  var connectionRequest: ConnectionRequest? {
    guard server.relayProtocol.isStream else { return nil }
    return .connect(endpoint, to: server.address, serverName: server.relayProtocol == .tls ? server.name : nil)
  }
}
