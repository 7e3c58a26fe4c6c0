import NIOCore

/// One of a TURN probe's two allocations, with the connection to the server where it has one.
struct TURNProbeLeg: Sendable {
  let server: ICEServer
  let endpoint: LocalEndpoint
  var client: TURNClient
  var isConnected = false
  /// When its present stage began.
  var since: NIODeadline

  /// nil: the server is none for TURN.
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

  /// Nil over UDP.
  var connectionRequest: ConnectionRequest? {
    guard server.relayProtocol.isStream else { return nil }
    return .connect(endpoint, to: server.address, serverName: server.relayProtocol == .tls ? server.name : nil)
  }
}
