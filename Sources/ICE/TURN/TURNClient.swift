import NIOCore

/// A TURN client with one allocation from one local endpoint (RFC 8656).
///
/// It deals in whole messages: over UDP each is a datagram, over a stream a framer cuts and pads them.
package struct TURNClient: Sendable {
  package enum Event: Hashable, Sendable {
    case allocated(relayed: SocketAddress, mapped: SocketAddress, lifetime: TimeAmount)
    /// There was no allocation; try another server, `redirected` says which.
    case failed(TURNError)
    /// The allocation is gone, and with it every permission and channel.
    case lost(TURNError)
    /// The server will not relay to this peer, or will not any longer.
    case peerRefused(SocketAddress, TURNError)
  }

  package enum Received: Sendable {
    case notMine
    case consumed
    case relayed(ByteBuffer, from: SocketAddress)
  }

  enum State: Sendable {
    case idle
    case allocating
    case allocated(Allocation)
    /// The allocation is being given back.
    case releasing
  }

  package let server: SocketAddress
  package let endpoint: LocalEndpoint
  package internal(set) var statistics = TURNStatistics()

  let relayProtocol: RelayProtocol
  let relayedFamily: STUNAddressFamily
  var generator: any RandomNumberGenerator & Sendable

  var state = State.idle
  var authenticator: TURNAuthenticator
  /// Arrays: few, and in an order that is the same in every run.
  var transactions: [TURNTransaction] = []
  var permissions: [TURNPermission] = []
  var channels = TURNChannels()
  var outgoing = CircularBuffer<Transmit>()
  var events = CircularBuffer<Event>()

  /// - Parameters:
  ///   - relaxed: accept responses without MESSAGE-INTEGRITY, as servers such as MongooseICE send them.
  ///   - relayProtocol: over a stream, which must be open, nothing is repeated, and ChannelData is padded.
  ///   - relayedFamily: the family of the relayed address, whatever the family of `server`.
  package init(
    server: SocketAddress, endpoint: LocalEndpoint, credentials: TURNCredentials, relaxed: Bool,
    relayProtocol: RelayProtocol = .udp, relayedFamily: STUNAddressFamily = .ipv4,
    generator: any RandomNumberGenerator & Sendable
  ) {
    self.server = server
    self.endpoint = endpoint
    authenticator = TURNAuthenticator(credentials: credentials, relaxed: relaxed)
    self.relayProtocol = relayProtocol
    self.relayedFamily = relayedFamily
    self.generator = generator
  }

  package var relayedAddress: SocketAddress? {
    if case .allocated(let allocation) = state { allocation.relayed } else { nil }
  }

  /// Whether there is an allocation, or one is wanted.
  package var isActive: Bool {
    switch state {
    case .allocating, .allocated: true
    case .idle, .releasing: false
    }
  }

  /// Starts where there is no allocation and none under way; also after `lost` and `failed`.
  package mutating func allocate(now: NIODeadline) {
    guard case .idle = state else { return }
    guard authenticator.areCredentialsUsable else { return events.append(.failed(.unusableCredentials)) }
    state = .allocating
    authenticator.forgetChallenge()
    requestAllocation(now: now)
  }

  /// Asks for a permission for the peer's IP address and keeps it; before there is an allocation it is remembered.
  package mutating func permit(_ peer: SocketAddress, now: NIODeadline) {
    guard canRelay(to: peer) else { return events.append(.peerRefused(peer, .peerAddressFamilyMismatch)) }
    if let index = permissionIndex(of: peer) {
      if !permissions[index].peers.contains(peer) { permissions[index].peers.append(peer) }
    } else {
      permissions.append(TURNPermission(address: peer.withoutPort, peers: [peer]))
      requestPermission(for: peer.withoutPort, now: now)
    }
  }

  /// Asks for a channel to the peer and keeps it; before there is an allocation it is remembered. Where there are too
  /// many the peer is reached by Send indications.
  package mutating func bindChannel(to peer: SocketAddress, now: NIODeadline) {
    guard canRelay(to: peer) else { return events.append(.peerRefused(peer, .peerAddressFamilyMismatch)) }
    if let index = channels.index(of: peer) {
      guard !channels[index].isRequested else { return }
      channels[index].isRequested = true
      requestChannel(channels[index].number, now: now)
    } else if let index = channels.make(to: peer, now: now) {
      requestChannel(channels[index].number, now: now)
    }
  }

  /// From now on only these peers matter: what was asked for the others lapses.
  package mutating func keep(_ peers: [SocketAddress], now: NIODeadline) {
    keepPermissions(for: peers)
    keepChannels(to: peers, now: now)
  }

  /// Permissions for the IP addresses of other peers lapse.
  package mutating func keepPermissions(for peers: [SocketAddress]) {
    let addresses = Set(peers.map(\.withoutPort))
    permissions.removeAll { !addresses.contains($0.address) }
  }

  /// Whether a permission is to be renewed now.
  package func hasPermissionToRenew(now: NIODeadline) -> Bool {
    permissions.contains { $0.renewAt.map { $0 <= now } ?? false }
  }

  /// Channels to other peers lapse; these are still permitted, if they were.
  package mutating func keepChannels(to peers: [SocketAddress], now: NIODeadline) {
    for index in channels.indices where channels[index].isRequested && !peers.contains(channels[index].peer) {
      channels[index].isRequested = false
      channels[index].expiresAt = nil
      channels[index].renewAt = nil
      renewPermission(of: channels[index].peer, now: now)
    }
  }

  /// Its channel stands in for it no longer; what the last ChannelBind gave it still lasts.
  mutating func renewPermission(of peer: SocketAddress, now: NIODeadline) {
    guard let index = permissionIndex(of: peer), permissions[index].renewAt != nil else { return }
    permissions[index].renewAt = max(now, permissions[index].expiresAt.map { $0 - TURNPermission.renewalMargin } ?? now)
  }

  package func isPermitted(_ peer: SocketAddress) -> Bool {
    hasChannel(peer) || permissionIndex(of: peer).map { permissions[$0].expiresAt != nil } ?? false
  }

  package func hasChannel(_ peer: SocketAddress) -> Bool {
    channels.index(of: peer).map { channels[$0].expiresAt != nil } ?? false
  }

  /// Gives the allocation back (Refresh with lifetime 0); the Refresh goes out with `pollTransmit`.
  package mutating func deallocate(now: NIODeadline) {
    switch state {
    case .allocated:
      forgetAllocation()
      state = .releasing
      requestRelease(now: now)
    case .allocating:
      // The server may have granted it already: its answer is awaited, then the allocation is given back.
      state = .releasing
      if !transactions.contains(where: \.isAuthenticated) { forgetAllocation() }
    case .idle, .releasing:
      break
    }
  }

  /// The connection to the server is gone, and for the server the allocation with it.
  package mutating func disconnect(_ reason: String) {
    switch state {
    case .allocating: events.append(.failed(.disconnected(reason)))
    case .allocated: events.append(.lost(.disconnected(reason)))
    case .idle, .releasing: break
    }
    forgetAllocation()
    outgoing.removeAll()
  }

  package mutating func pollTransmit() -> Transmit? { outgoing.popFirst() }
  package mutating func pollEvent() -> Event? { events.popFirst() }

  func permissionIndex(of peer: SocketAddress) -> Int? {
    let address = peer.withoutPort
    return permissions.firstIndex { $0.address == address }
  }

  /// Forgets everything that lived in the allocation.
  mutating func forgetAllocation() {
    state = .idle
    transactions.removeAll()
    permissions.removeAll()
    channels.removeAll()
  }

  /// Servers have been seen to lose an allocation over a peer of another family, or with port 0.
  private func canRelay(to peer: SocketAddress) -> Bool {
    peer.stunFamily == relayedFamily && peer.port != 0
  }
}
