import NIOCore

/// An allocation, with the connection to its server if it needs one, and the checks that wait for a permission.
struct ICERelay: Sendable {
  let base: CandidateBase
  let task: GatheringTask
  /// The server in use, which differs from the configured one after a redirection.
  var server: ICEServer
  /// Whether the server was reached by a redirection, in which case no other is followed, to prevent loops (RFC 8489
  /// section 10).
  let isRedirected: Bool
  var client: TURNClient
  /// Whether the first response of the server is awaited.
  var isGathering = true
  /// When the connection must be open, including its TLS handshake; nil if it is open, or not needed.
  var connectsBy: NIODeadline?
  /// When a lost allocation is made again.
  var renewsAt: NIODeadline?
  /// The times of the renewals within the last hour.
  var renewals: [NIODeadline] = []
  /// The checks that wait for a permission, of which only the latest to each peer is kept.
  private(set) var held: [ICEAgent.Datagram] = []

  /// The most renewals of a lost allocation within an hour: a server that keeps losing it is given up, but not one that
  /// is restarted every night.
  static let maximumRenewals = 3
  /// The delay after a failed renewal, since a server that is being restarted refuses connections for a while.
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

  /// Whether there is an allocation or one is requested.
  var isActive: Bool { connectsBy != nil || renewsAt != nil || client.isActive }
  var isAllocated: Bool { client.relayedAddress != nil }

  /// Schedules a renewal of the allocation, which was lost or could not be renewed, unless there were too many.
  mutating func wantRenewal(now: NIODeadline, at time: NIODeadline) {
    renewals.removeAll { now - $0 >= .hours(1) }
    guard renewals.count < Self.maximumRenewals else { return }
    renewals.append(now)
    renewsAt = time
  }

  /// Frames a check; if it needs a permission first, requests that, keeps the check, and returns nil.
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

  /// Removes and returns the checks whose permission is installed now.
  mutating func takePermitted() -> [ICEAgent.Datagram] {
    guard !held.isEmpty else { return [] }
    let permitted = held.filter { client.isPermitted($0.remote) }
    held.removeAll { client.isPermitted($0.remote) }
    return permitted
  }

  mutating func dropHeld(to peer: SocketAddress) {
    held.removeAll { $0.remote == peer }
  }

  /// Frees the allocation.
  mutating func free(now: NIODeadline) {
    isGathering = false
    renewsAt = nil
    held.removeAll()
    client.deallocate(now: now)
  }
}
