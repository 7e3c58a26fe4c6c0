import NIOCore

/// An allocation and the messages to peers that wait for its permissions.
struct ICERelay: Sendable {
  let base: CandidateBase
  let server: ICEServer
  let preference: UInt16
  var client: TURNClient
  /// Until the first answer, for or against.
  var isGathering = true
  /// How often a lost allocation was made anew.
  var renewals = 0
  /// Checks before their permission; the newest for a peer replaces what waited.
  private(set) var held: [ICEAgent.Datagram] = []

  /// A server that keeps losing the allocation is left alone.
  static let maximumRenewals = 3

  init(
    base: CandidateBase, server: ICEServer, credentials: TURNCredentials, relaxed: Bool, preference: UInt16,
    generator: any RandomNumberGenerator & Sendable
  ) {
    self.base = base
    self.server = server
    self.preference = preference
    client = TURNClient(
      server: server.address, endpoint: base.endpoint, credentials: credentials, relaxed: relaxed,
      relayedFamily: server.address.stunFamily ?? .ipv4, generator: generator)
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

  /// Gives the allocation back.
  mutating func free(now: NIODeadline) {
    isGathering = false
    held.removeAll()
    client.deallocate(now: now)
  }
}
