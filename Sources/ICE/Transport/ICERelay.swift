import NIOCore

/// An allocation, the connection to its server where it has one, and the messages to peers that wait for permissions.
struct ICERelay: Sendable {
  let base: CandidateBase
  let task: GatheringTask
  /// Not the configured one where that has redirected us.
  var server: ICEServer
  /// "redirected" once already: no further (RFC 8489 section 10, against loops).
  let isRedirected: Bool
  var client: TURNClient
  /// Until the first answer, for or against.
  var isGathering = true
  /// When the server must have taken the connection, and done the TLS handshake; nil: it has, or there is none.
  var connectsBy: NIODeadline?
  /// When a lost allocation is to be made anew.
  var renewsAt: NIODeadline?
  /// When that was wanted lately.
  var renewals: [NIODeadline] = []
  /// Checks before their permission; the newest for a peer replaces what waited.
  private(set) var held: [ICEAgent.Datagram] = []

  /// Of a lost allocation within an hour: a server that keeps losing it is left alone, and one that is restarted each
  /// night is not.
  static let maximumRenewals = 3
  /// Where the first attempt fails: a server that is being restarted refuses connections for a while.
  static let renewalDelay = TimeAmount.seconds(5)

  init(
    base: CandidateBase, task: GatheringTask, server: ICEServer, isRedirected: Bool, credentials: TURNCredentials,
    relaxed: Bool, generator: any RandomNumberGenerator & Sendable
  ) {
    self.base = base
    self.task = task
    self.server = server
    self.isRedirected = isRedirected
    client = TURNClient(
      server: server.address, endpoint: base.endpoint, credentials: credentials, relaxed: relaxed,
      relayProtocol: server.relayProtocol, relayedFamily: task.family, generator: generator)
  }

  /// Whether there is an allocation, or one is wanted.
  var isActive: Bool { connectsBy != nil || renewsAt != nil || client.isActive }
  var isAllocated: Bool { client.relayedAddress != nil }

  /// The allocation is lost, or could not be made anew.
  mutating func wantRenewal(now: NIODeadline, at time: NIODeadline) {
    renewals.removeAll { now - $0 >= .hours(1) }
    guard renewals.count < Self.maximumRenewals else { return }
    renewals.append(now)
    renewsAt = time
  }

  /// Asks for the permission it needs, and holds the message until it is there.
  mutating func frame(_ datagram: ICEAgent.Datagram, now: NIODeadline) -> Transmit? {
    var payload = datagram.payload
    guard client.frame(&payload, to: datagram.remote, now: now) else {
      client.permit(datagram.remote, now: now)
      held.removeAll { $0.remote == datagram.remote }
      if held.count < Checklist.maximumPairs { held.append(datagram) }
      return nil
    }
    return Transmit(endpoint: base.endpoint, remote: client.server, payload: payload)
  }

  /// What may go now.
  mutating func takePermitted() -> [ICEAgent.Datagram] {
    guard !held.isEmpty else { return [] }
    let permitted = held.filter { client.isPermitted($0.remote) }
    held.removeAll { client.isPermitted($0.remote) }
    return permitted
  }

  mutating func dropHeld() {
    held.removeAll()
  }

  mutating func dropHeld(to peer: SocketAddress) {
    held.removeAll { $0.remote == peer }
  }

  /// Gives the allocation back.
  mutating func free(now: NIODeadline) {
    isGathering = false
    renewsAt = nil
    held.removeAll()
    client.deallocate(now: now)
  }
}
