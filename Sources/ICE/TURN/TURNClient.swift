import NIOCore

/// A TURN client with one allocation from one local endpoint (RFC 8656).
///
/// It handles whole messages: over UDP each is a datagram, over a stream a framer separates and pads them.
package struct TURNClient: Sendable {
  package enum Event: Hashable, Sendable {
    case allocated(relayed: SocketAddress, mapped: SocketAddress, lifetime: TimeAmount)
    /// The allocation failed. Another server may be tried; `redirected` names one.
    case failed(TURNError)
    /// The allocation is lost, and with it every permission and channel.
    case lost(TURNError)
    /// The server refuses to relay to this peer, or has ceased to.
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
    /// The allocation is being freed.
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
  /// Arrays, since there are few elements, and their order is the same in every run.
  var transactions: [TURNTransaction] = []
  var permissions: [TURNPermission] = []
  var channels = TURNChannels()
  var outgoing = CircularBuffer<Transmit>()
  var events = CircularBuffer<Event>()

  /// - Parameters:
  ///   - relaxed: accept responses without MESSAGE-INTEGRITY, as servers such as MongooseICE send them.
  ///   - relayProtocol: the transport to the server. A stream must be open; over it nothing is sent again, and
  ///     ChannelData is padded.
  ///   - relayedFamily: the address family of the relayed address, which need not be that of `server`.
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

  /// Whether there is an allocation or one is requested.
  package var isActive: Bool {
    switch state {
    case .allocating, .allocated: true
    case .idle, .releasing: false
    }
  }

  /// Requests an allocation if there is none; this may be called again after `lost` and `failed`.
  package mutating func allocate(now: NIODeadline) {
    guard case .idle = state else { return }
    guard authenticator.areCredentialsUsable else { return events.append(.failed(.unusableCredentials)) }
    state = .allocating
    authenticator.forgetChallenge()
    requestAllocation(now: now)
  }

  /// Requests a permission for the peer's IP address and renews it. Before there is an allocation, the request is
  /// deferred.
  package mutating func permit(_ peer: SocketAddress, now: NIODeadline) {
    guard canRelay(to: peer) else { return events.append(.peerRefused(peer, .peerAddressFamilyMismatch)) }
    if let index = permissionIndex(of: peer) {
      if !permissions[index].peers.contains(peer) { permissions[index].peers.append(peer) }
    } else {
      permissions.append(TURNPermission(address: peer.withoutPort, peers: [peer]))
      requestPermission(for: peer.withoutPort, now: now)
    }
  }

  /// Requests a channel to the peer and renews it. Before there is an allocation, the request is deferred. If there are
  /// too many channels, the peer is reached by Send indications.
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

  /// Renews only the permissions and channels of these peers from now on.
  package mutating func keep(_ peers: [SocketAddress], now: NIODeadline) {
    keepPermissions(for: peers)
    keepChannels(to: peers, now: now)
  }

  /// Lets the permissions for other IP addresses expire.
  package mutating func keepPermissions(for peers: [SocketAddress]) {
    let addresses = Set(peers.map(\.withoutPort))
    permissions.removeAll { !addresses.contains($0.address) }
  }

  /// Whether the renewal of a permission is due.
  package func hasPermissionToRenew(now: NIODeadline) -> Bool {
    permissions.contains { $0.renewAt.map { $0 <= now } ?? false }
  }

  /// Lets the channels to other peers expire; their permissions are kept.
  package mutating func keepChannels(to peers: [SocketAddress], now: NIODeadline) {
    for index in channels.indices where channels[index].isRequested && !peers.contains(channels[index].peer) {
      channels[index].isRequested = false
      channels[index].expiresAt = nil
      channels[index].renewAt = nil
      renewPermission(of: channels[index].peer, now: now)
    }
  }

  /// Schedules the renewal of a permission that its channel no longer renews. What the last ChannelBind installed is
  /// still valid.
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

  /// Frees the allocation by a Refresh with lifetime 0, which ``pollTransmit()`` returns.
  package mutating func deallocate(now: NIODeadline) {
    switch state {
    case .allocated:
      forgetAllocation()
      state = .releasing
      requestRelease(now: now)
    case .allocating:
      // The server may have granted the allocation already: its response is awaited, then the allocation is freed.
      state = .releasing
      if !transactions.contains(where: \.isAuthenticated) { forgetAllocation() }
    case .idle, .releasing:
      break
    }
  }

  /// Handles the loss of the connection to the server, which ends the allocation too.
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

  /// Removes the allocation with everything that depends on it.
  mutating func forgetAllocation() {
    state = .idle
    transactions.removeAll()
    permissions.removeAll()
    channels.removeAll()
  }

  /// Refuses peers of another address family or with port 0, over which some servers lose the allocation.
  private func canRelay(to peer: SocketAddress) -> Bool {
    peer.stunFamily == relayedFamily && peer.port != 0
  }
}
