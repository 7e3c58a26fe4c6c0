import NIOCore

/// Gathering (RFC 8445 section 5.1) and what keeps its results usable.
extension ICETransport {
  /// "two candidates … have the same foundation" where type, base address, server and protocol are the same
  /// (RFC 8445 section 5.1.1.3).
  struct Foundation: Hashable, Sendable {
    let kind: ICECandidate.Kind
    let base: SocketAddress
    let server: SocketAddress?
    let relayProtocol: RelayProtocol?
  }

  /// "Tr … SHOULD have a default of 15 seconds" (RFC 8445 section 11).
  static let keepaliveInterval = TimeAmount.seconds(15)

  /// A bound socket on a concrete address: its host candidate is there at once, the others follow.
  package mutating func addLocalEndpoint(_ endpoint: LocalEndpoint, address: SocketAddress, now: NIODeadline) {
    guard
      agent.isRunning, address.isUsableCandidateAddress, !endpoints.contains(where: { $0.endpoint == endpoint })
    else { return }
    let entry = Endpoint(endpoint: endpoint, address: address, order: endpointCount)
    endpointCount += 1
    endpoints.append(entry)
    isGathering = true
    if configuration.policy == .all {
      add(.host, address, of: entry, base: CandidateBase(endpoint: endpoint), server: nil, related: nil, now: now)
    }
    // Under policy `relay` a server-reflexive address is neither announced nor used.
    if configuration.policy == .all { gathering.append(contentsOf: bindingTasks(from: entry)) }
    enqueue(relayTasks(from: entry, family: .ipv4))
    if wantsIPv6Relays { enqueue(relayTasks(from: entry, family: .ipv6)) }
    keepaliveAt = keepaliveAt ?? now + Self.keepaliveInterval
    flush(now: now)
  }

  /// Each server once, whatever its names.
  func bindingTasks(from entry: Endpoint) -> [GatheringTask] {
    let servers = configuration.servers
    return servers.indices.filter { index in
      servers[index].kind == .stun && servers[index].address.protocol == entry.address.protocol
        && !servers[..<index].contains { $0.isSameServer(as: servers[index]) }
    }.map { GatheringTask(endpoint: entry.endpoint, server: $0) }
  }

  package mutating func removeLocalEndpoint(_ endpoint: LocalEndpoint, now: NIODeadline) {
    endpoints.removeAll { $0.endpoint == endpoint }
    gathering.removeAll { $0.endpoint == endpoint }
    spare.removeAll { $0.endpoint == endpoint }
    bindings.cancel(endpoint)
    for lost in agent.localCandidates + (previous?.localCandidates ?? []) where lost.base.endpoint.socket == endpoint {
      forget(lost.base, now: now)
    }
    for index in relays.indices where relays[index].task.endpoint == endpoint { free(index, now: now) }
    relays.removeAll { $0.task.endpoint == endpoint }
    outgoing.removeAll { $0.endpoint == endpoint }
    flush(now: now)
  }

  /// "once every Ta" holds for gathering too (RFC 8445 section 14.2).
  ///
  /// Whether there was anything to ask.
  private mutating func gather(now: NIODeadline) -> Bool {
    var hasBegun = false
    releaseSpare(now: now)
    while nextGatheringAt ?? now <= now, let next = gathering.popFirst() {
      if isRelay(next) {
        guard startRelay(next, now: now) else { continue }
      } else {
        bindings.query(configuration.servers[next.server].address, from: next.endpoint, now: now)
      }
      nextGatheringAt = now + ICEAgent.pacing
      hasBegun = true
    }
    return hasBegun
  }

  /// IPv6 before IPv4 (RFC 8421), then in the order in which endpoints and servers were given: above 16,000. A relay
  /// that is reached by TCP comes below all of UDP, and one by TLS below all of TCP.
  private func preference(of address: SocketAddress, on entry: Endpoint, server: Int?) -> UInt16 {
    let top: UInt16 = address.stunFamily == .ipv6 ? 65_535 : 32_767
    let preference = top - UInt16(min(entry.order, 1_000)) * 16 - UInt16(min(server ?? 0, 15))
    switch server.map({ configuration.servers[$0].relayProtocol }) {
    case .tcp: return preference / 4
    case .tls: return preference / 16
    case .udp, nil: return preference
    }
  }

  /// Redundant ones, the same address on the same base, are left out (RFC 8445 section 5.1.3).
  mutating func add(
    _ kind: ICECandidate.Kind, _ address: SocketAddress, of entry: Endpoint, base: CandidateBase, server: Int?,
    related: SocketAddress?, now: NIODeadline
  ) {
    guard address.isUsableCandidateAddress, !announced.contains(address) else { return }
    announced.insert(address)
    let asked = server.map { configuration.servers[$0] }
    let key = Foundation(
      kind: kind, base: (kind == .relayed ? address : entry.address).withoutPort, server: asked?.address,
      relayProtocol: asked?.relayProtocol)
    let foundation = foundations[key] ?? foundations.count + 1
    foundations[key] = foundation
    let candidate = ICECandidate(
      foundation: String(foundation),
      priority: ICECandidate.priority(of: kind, localPreference: preference(of: address, on: entry, server: server)),
      address: address, kind: kind, relatedAddress: related,
      relayProtocol: kind == .relayed ? asked?.relayProtocol : nil)
    agent.addLocalCandidate(candidate, base: base, now: now)
    previous?.addLocalCandidate(candidate, base: base, now: now)
    events.append(.localCandidate(candidate))
  }

  // MARK: What the clients found

  mutating func takeBindingEvents(now: NIODeadline) {
    while let event = bindings.pollEvent() {
      switch event {
      case .mapped(let address, let server, let endpoint, _):
        addServerReflexive(address, endpoint, server: serverIndex(server), now: now)
      case .failed(let error, let server, let endpoint):
        guard endpoints.contains(where: { $0.endpoint == endpoint }) else { continue }
        let url = serverIndex(server).map { configuration.servers[$0].url } ?? ""
        events.append(.candidateError(url: url, .stun(error)))
      }
    }
  }

  private func serverIndex(_ address: SocketAddress) -> Int? {
    configuration.servers.firstIndex { $0.address == address }
  }

  mutating func addServerReflexive(
    _ address: SocketAddress, _ endpoint: LocalEndpoint, server: Int?, now: NIODeadline
  ) {
    guard configuration.policy == .all, let entry = endpoints.first(where: { $0.endpoint == endpoint }) else { return }
    add(
      .serverReflexive, address, of: entry, base: CandidateBase(endpoint: endpoint), server: server,
      related: entry.address, now: now)
  }

  // MARK: Flushing

  /// Takes everything the parts have to say to the outside; and agent and relays what they have for each other.
  mutating func flush(now: NIODeadline) {
    repeat { takeEvents(now: now) } while gather(now: now)
    while let transmit = bindings.pollTransmit() { outgoing.append(transmit) }
    for index in relays.indices {
      while let transmit = relays[index].client.pollTransmit() { outgoing.append(transmit) }
    }
    let isBusy = !gathering.isEmpty || bindings.isBusy || relays.contains(where: \.isGathering)
    if isGathering, !isBusy, agent.isRunning {
      isGathering = false
      events.append(.gatheringComplete)
      givesUpAt = lacksRelay ? now + Self.relayPatience : nil
    }
  }

  private mutating func takeEvents(now: NIODeadline) {
    takeBindingEvents(now: now)
    for index in relays.indices {
      takeRelayEvents(index, now: now)
      for datagram in relays[index].takePermitted() { forward(datagram, now: now) }
    }
    while let datagram = agent.pollTransmit() { forward(datagram, now: now) }
    while let event = agent.pollEvent() {
      switch event {
      case .stateChange(.failed) where previous?.isConnected == true:
        resumePrevious()
      case .stateChange(let state):
        if state == .failed { endPrevious() }
        events.append(.stateChange(state))
      case .selectedPairChange(let pair):
        events.append(.selectedPairChange(pair))
        bindSelectedChannel(now: now)
      case .concluded:
        endPrevious()
        freeUnused(now: now)
      case .reopened:
        gatherSpare()
      }
    }
    takePreviousEvents(now: now)
  }

  mutating func forward(_ datagram: ICEAgent.Datagram, now: NIODeadline) {
    guard datagram.base.isRelayed else {
      let transmit = Transmit(
        endpoint: datagram.base.endpoint, remote: datagram.remote, payload: datagram.payload)
      return outgoing.append(transmit)
    }
    guard let index = relays.firstIndex(where: { $0.base == datagram.base }) else { return }
    if let transmit = relays[index].frame(datagram, now: now) { outgoing.append(transmit) }
  }

  /// Until a pair is nominated the NATs must remember our mappings: a callee may take a minute to answer. An
  /// indication without attributes is what every server, however old, bears.
  mutating func keepAlive(now: NIODeadline) {
    guard let due = keepaliveAt, due <= now else { return }
    guard agent.isRunning, !agent.hasNominatedPath else {
      keepaliveAt = nil
      return
    }
    keepaliveAt = now + Self.keepaliveInterval
    for entry in endpoints {
      for server in configuration.servers where server.address.protocol == entry.address.protocol {
        if configuration.policy == .relay, server.kind == .stun { continue }
        if server.relayProtocol.isStream { continue }
        let indication = STUNMessage(.indication, .binding, transactionID: TransactionID(using: &generator))
        outgoing.append(Transmit(endpoint: entry.endpoint, remote: server.address, payload: indication.encoded()))
      }
    }
  }
}
