import NIOCore

/// The allocations: on which servers they are made, over which transport, and how their events are handled.
///
/// UDP is tried first. A relayed address does not depend on the transport to the server, so that TCP and TLS have no
/// benefit where datagrams pass, and cost two handshakes per server. Where they do not pass, 500 ms are short compared
/// with the time for which a phone rings.
extension ICETransport {
  // MARK: Choosing servers

  /// The tasks to allocate on each server that this socket can reach.
  func relayTasks(from entry: LocalEndpoints.Entry, family: STUNAddressFamily) -> [GatheringTask] {
    let servers = configuration.servers
    return servers.indices.filter { index in
      // There is one allocation per server, because its responses are recognized by their source. Other credentials for
      // the server are tried after these have failed.
      servers[index].kind != .stun && servers[index].address.protocol == entry.address.protocol
        && !servers[..<index].contains { $0.isSameServer(as: servers[index]) }
    }.map { GatheringTask(endpoint: entry.endpoint, server: $0, family: family) }
  }

  mutating func enqueue(_ tasks: [GatheringTask]) {
    for task in tasks {
      if isStream(task) || agents.current.isConcluded { gathering.reserve(task) } else { gathering.append([task]) }
    }
  }

  /// IPv6 relayed addresses are useful only to a peer with IPv6. They are not requested earlier, since some servers
  /// cannot handle the request.
  mutating func wantIPv6Relays() {
    guard gathering.wantIPv6Relays() else { return }
    let tasks = endpoints.entries.flatMap { relayTasks(from: $0, family: .ipv6) }
    if !tasks.isEmpty { gathering.begin() }
    enqueue(tasks)
  }

  /// Starts the tasks in reserve: the streams if UDP was silent for too long, and all if nothing else is left.
  mutating func releaseSpare(now: NIODeadline) {
    let isDue = gathering.takeSilence(now: now)
    guard
      !gathering.spare.isEmpty, agents.current.isRunning, !agents.current.isConcluded, !relays.isFull
    else { return }
    for family in [STUNAddressFamily.ipv4, .ipv6] {
      let isUnderWay =
        relays.contains { $0.task.family == family && $0.isActive }
        || gathering.queue.contains { $0.family == family && isRelay($0) }
      let isSilent = isDue && !relays.contains { $0.task.family == family && $0.isAllocated }
      let servers = configuration.servers
      gathering.release {
        $0.family == family && (!isUnderWay || isSilent && servers[$0.server].relayProtocol.isStream)
      }
    }
  }

  /// Whether the policy is `relay` and there is no relay, nor one to be expected.
  package var lacksRelay: Bool {
    configuration.policy == .relay && !endpoints.isEmpty && gathering.queue.isEmpty
      && !relays.contains(where: \.isActive)
  }

  mutating func giveUpOnRelays(now: NIODeadline) {
    if gathering.takeGivingUp(now: now), lacksRelay, agents.current.isRunning { agents.current.fail() }
  }

  func isRelay(_ task: GatheringTask) -> Bool { configuration.servers[task.server].kind != .stun }
  private func isStream(_ task: GatheringTask) -> Bool { configuration.servers[task.server].relayProtocol.isStream }

  // MARK: Allocating

  /// Starts an allocation; returns false if it is not started now.
  mutating func startRelay(_ task: GatheringTask, now: NIODeadline) -> Bool {
    let server = configuration.servers[task.server]
    guard !isServed(task) else {
      gathering.reserve(task)
      return false
    }
    relays.removeAll { !$0.isActive && $0.task.endpoint == task.endpoint && $0.server.isSameServer(as: server) }
    guard server.relayProtocol.isStream || !relays.isInUse(server.address, from: task.endpoint) else { return false }
    guard let relay = makeRelay(task, server) else { return false }
    relays.append(relay)
    open(relays.count - 1, now: now)
    return true
  }

  private func isServed(_ task: GatheringTask, besides index: Int? = nil) -> Bool {
    let others = relays.indices.filter { $0 != index && relays[$0].isAllocated }.map { relays[$0].task }
    return others.count >= ICERelays.maximumAllocations
      || others.contains { $0.family == task.family && url(of: $0) == url(of: task) }
  }

  private func url(of task: GatheringTask) -> String { configuration.servers[task.server].url }

  private mutating func makeRelay(
    _ task: GatheringTask, _ server: ICEServer, isRedirected: Bool = false
  ) -> ICERelay? {
    guard case .turn(let credentials) = server.kind else { return nil }
    _ = generator.next()
    let number = relays.makeNumber()
    let connection = server.relayProtocol.isStream ? UInt32(number) : nil
    let endpoint = LocalEndpoint(id: task.endpoint.id, connection: connection)
    return ICERelay(
      base: CandidateBase(endpoint: endpoint, relay: number), task: task, server: server,
      isRedirected: isRedirected, credentials: credentials, relaxed: configuration.relaxedTURN, generator: generator)
  }

  private mutating func open(_ index: Int, now: NIODeadline) {
    let relay = relays[index]
    if relay.server.relayProtocol.isStream {
      relays[index].connectsBy = now + ConnectionRequest.timeout
      let name = relay.server.relayProtocol == .tls ? relay.server.name : nil
      connectionRequests.append(.connect(relay.base.endpoint, to: relay.server.address, serverName: name))
    } else {
      gathering.awaitDatagrams(now: now)
      relays[index].client.allocate(now: now)
    }
  }

  // MARK: Connections

  /// A connection is open, including its TLS handshake.
  package mutating func connected(_ endpoint: LocalEndpoint, now: NIODeadline) {
    guard let index = relays.firstIndex(where: { $0.base.endpoint == endpoint && $0.connectsBy != nil }) else { return }
    relays[index].connectsBy = nil
    relays[index].client.allocate(now: now)
    flush(now: now)
  }

  /// A connection could not be opened or has ended; `reason` is a text for users.
  package mutating func disconnected(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline) {
    guard
      endpoint.connection != nil, let index = relays.index(connectedBy: endpoint)
    else { return }
    if relays[index].connectsBy != nil {
      fail(index, .disconnected(reason), now: now)
    } else {
      relays[index].client.disconnect(reason)
    }
    flush(now: now)
  }

  mutating func expireConnections(now: NIODeadline) {
    for index in relays.indices {
      if let due = relays[index].connectsBy, due <= now { fail(index, .timeout, now: now) }
    }
  }

  private mutating func disconnect(_ index: Int) {
    guard relays[index].server.relayProtocol.isStream else { return }
    relays[index].connectsBy = nil
    relays[index].client.disconnect("")
    connectionRequests.append(.disconnect(relays[index].base.endpoint))
  }

  // MARK: Events of an allocation

  mutating func takeRelayEvents(_ index: Int, now: NIODeadline) {
    while let event = relays[index].client.pollEvent() {
      let relay = relays[index]
      switch event {
      case .allocated(let relayed, let mapped, _):
        relays[index].isGathering = false
        guard let entry = endpoints[relay.task.endpoint] else { continue }
        if isServed(relay.task, besides: index) {
          free(index, now: now)
          gathering.reserve(relay.task)
          continue
        }
        if !relay.server.relayProtocol.isStream, mapped.isPlausible(from: relay.client.server) {
          addServerReflexive(mapped, entry.endpoint, server: relay.task.server, now: now)
        }
        // The related address is the mapped address (RFC 8445 section 4), which would disclose to the peer what the
        // policy `relay` hides.
        add(
          .relayed, relayed, of: entry, base: relay.base, server: relay.task.server,
          related: configuration.policy == .all ? mapped : nil, now: now)
      case .failed(let error):
        fail(index, error, now: now)
      case .lost(let error):
        report(error, of: relay)
        forget(relay.base, now: now)
        disconnect(index)
        relays[index].wantRenewal(now: now, at: now)
      case .peerRefused(let peer, _):
        relays[index].dropHeld(to: peer)
        agents.refuse(peer, on: relay.base, now: now)
      }
    }
  }

  private mutating func fail(_ index: Int, _ error: TURNError, now: NIODeadline) {
    let relay = relays[index]
    relays[index].isGathering = false
    disconnect(index)
    if case .redirected(let address?, let domain) = error, follow(index, to: address, domain: domain, now: now) {
      return
    }
    report(error, of: relay)
    if !relay.renewals.isEmpty { relays[index].wantRenewal(now: now, at: now + ICERelay.renewalDelay) }
    tryOtherCredentials(after: relay)
    // The server has at most IPv6 relays, and without a relay there is no call.
    if error.code == STUNErrorCode.addressFamilyNotSupported, configuration.policy == .relay { wantIPv6Relays() }
  }

  /// Follows a redirection: "the client … reattempts the request with the server specified in the attribute, using the
  /// same transport protocol", family and credentials; "If the attribute [ALTERNATE-DOMAIN] is not found, the same
  /// domain that was used for the original request MUST be used to validate the certificate" (RFC 8489 section 10).
  /// Returns false if it is not followed.
  private mutating func follow(_ index: Int, to address: SocketAddress, domain: String?, now: NIODeadline) -> Bool {
    let relay = relays[index]
    var server = relay.server
    guard
      agents.current.isRunning, !relay.isRedirected, address != server.address,
      address.stunFamily == server.address.stunFamily,
      address.port != 0, server.relayProtocol.isStream || !relays.isInUse(address, from: relay.task.endpoint)
    else { return false }
    server.address = address
    server.name = domain ?? server.name
    guard let redirected = makeRelay(relay.task, server, isRedirected: true) else { return false }
    relays[index] = redirected
    relays[index].renewals = relay.renewals
    open(index, now: now)
    return true
  }

  /// Lets permissions expire before their renewal if no pair to their peers can work any longer. Otherwise each address
  /// that the peer ever signalled would cost a request every few minutes for the rest of the call.
  mutating func dropPermissions(now: NIODeadline) {
    for index in relays.indices where relays[index].client.hasPermissionToRenew(now: now) {
      let base = relays[index].base
      relays[index].client.keepPermissions(for: agents.peers(on: base))
    }
  }

  mutating func renewRelays(now: NIODeadline) {
    for index in relays.indices {
      guard let due = relays[index].renewsAt, due <= now else { continue }
      relays[index].renewsAt = nil
      let lost = relays[index]
      guard agents.current.isRunning, let relay = makeRelay(lost.task, lost.server, isRedirected: lost.isRedirected)
      else {
        continue
      }
      relays[index] = relay
      relays[index].isGathering = false
      relays[index].renewals = lost.renewals
      open(index, now: now)
    }
  }

  private mutating func tryOtherCredentials(after relay: ICERelay) {
    let servers = configuration.servers
    guard agents.current.isRunning else { return }
    let failed = relay.task.server
    let tried = servers[...failed].filter { $0.isSameServer(as: servers[failed]) }.map(\.kind)
    let next = servers[failed...].firstIndex { $0.isSameServer(as: servers[failed]) && !tried.contains($0.kind) }
    if let next {
      gathering.append([GatheringTask(endpoint: relay.task.endpoint, server: next, family: relay.task.family)])
    }
  }

  private mutating func report(_ error: TURNError, of relay: ICERelay) {
    guard state != .closed else { return }
    events.append(.candidateError(url: relay.server.url, .turn(error)))
  }

  /// Frees the allocation and closes its connection.
  mutating func free(_ index: Int, now: NIODeadline) {
    relays[index].free(now: now)
    while let refresh = relays[index].client.pollTransmit() { outgoing.append(refresh) }
    disconnect(index)
  }

  /// Binds a channel for the selected pair alone; checks are sent as Send indications. The channels of pairs that were
  /// selected before would otherwise be renewed for the rest of the call.
  mutating func bindSelectedChannel(now: NIODeadline) {
    guard
      let path = agents.path, path.base.isRelayed, let index = relays.index(of: path.base)
    else { return }
    let others = agents.pathsInUse.filter { $0.base == path.base }.map(\.remote)
    relays[index].client.keepChannels(to: [path.remote] + others, now: now)
    relays[index].client.bindChannel(to: path.remote, now: now)
  }
}
