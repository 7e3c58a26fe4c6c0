import NIOCore

/// Gathering (RFC 8445 section 5.1) and what keeps its results usable.
extension ICETransport {
  /// "two candidates … have the same foundation" where type, base address, server and protocol are the same
  /// (RFC 8445 section 5.1.1.3).
  struct Foundation: Hashable, Sendable {
    let kind: ICECandidate.Kind
    let base: SocketAddress
    let server: SocketAddress?
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
    for (index, server) in configuration.servers.enumerated() where server.address.protocol == address.protocol {
      // Under policy `relay` a server-reflexive address is neither announced nor used.
      if configuration.policy == .relay, server.kind == .stun { continue }
      // One allocation a server: its responses are told from another's by where they come from. Other credentials for
      // it have their turn when these have failed.
      if configuration.servers[..<index].contains(where: { $0.isSameServer(as: server) }) { continue }
      gathering.append((endpoint, index))
    }
    keepaliveAt = keepaliveAt ?? now + Self.keepaliveInterval
    gather(now: now)
    flush(now: now)
  }

  package mutating func removeLocalEndpoint(_ endpoint: LocalEndpoint, now: NIODeadline) {
    endpoints.removeAll { $0.endpoint == endpoint }
    gathering.removeAll { $0.endpoint == endpoint }
    freed.removeAll { $0.endpoint == endpoint }
    bindings.cancel(endpoint)
    for lost in agent.localCandidates where lost.base.endpoint == endpoint { forget(lost.base, now: now) }
    relays.removeAll { $0.base.endpoint == endpoint }
    outgoing.removeAll { $0.endpoint == endpoint }
    flush(now: now)
  }

  /// "once every Ta" holds for gathering too (RFC 8445 section 14.2).
  mutating func gather(now: NIODeadline) {
    while nextGatheringAt ?? now <= now, let next = gathering.popFirst() {
      nextGatheringAt = now + ICEAgent.pacing
      let server = configuration.servers[next.server]
      switch server.kind {
      case .stun:
        bindings.query(server.address, from: next.endpoint, now: now)
      case .turn(let credentials):
        guard let entry = endpoints.first(where: { $0.endpoint == next.endpoint }) else { continue }
        relays.removeAll { $0.base.endpoint == next.endpoint && $0.server.isSameServer(as: server) }
        _ = generator.next()
        var relay = ICERelay(
          base: CandidateBase(endpoint: next.endpoint, relay: relayCount), server: server, credentials: credentials,
          relaxed: configuration.relaxedTURN, preference: preference(of: entry, server: next.server),
          generator: generator)
        relayCount += 1
        relay.client.allocate(now: now)
        relays.append(relay)
      }
    }
  }

  /// IPv6 before IPv4 (RFC 8421), then in the order in which endpoints and servers were given.
  private func preference(of entry: Endpoint, server: Int) -> UInt16 {
    let top: UInt16 = entry.address.stunFamily == .ipv6 ? 65_535 : 32_767
    return top - UInt16(min(entry.order, 1_000)) * 16 - UInt16(min(server, 15))
  }

  /// Redundant ones, the same address on the same base, are left out (RFC 8445 section 5.1.3).
  private mutating func add(
    _ kind: ICECandidate.Kind, _ address: SocketAddress, of entry: Endpoint, base: CandidateBase, server: Int?,
    related: SocketAddress?, now: NIODeadline
  ) {
    guard address.isUsableCandidateAddress, !announced.contains(address) else { return }
    announced.insert(address)
    let key = Foundation(
      kind: kind, base: entry.address.withoutPort, server: server.map { configuration.servers[$0].address })
    let foundation = foundations[key] ?? foundations.count + 1
    foundations[key] = foundation
    let candidate = ICECandidate(
      foundation: String(foundation),
      priority: ICECandidate.priority(of: kind, localPreference: preference(of: entry, server: server ?? 0)),
      address: address, kind: kind, relatedAddress: related)
    agent.addLocalCandidate(candidate, base: base, now: now)
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
        events.append(.candidateError(url: url, code: error.code, text: error.text))
      }
    }
  }

  private func serverIndex(_ address: SocketAddress) -> Int? {
    configuration.servers.firstIndex { $0.address == address }
  }

  private mutating func addServerReflexive(
    _ address: SocketAddress, _ endpoint: LocalEndpoint, server: Int?, now: NIODeadline
  ) {
    guard configuration.policy == .all, let entry = endpoints.first(where: { $0.endpoint == endpoint }) else { return }
    add(
      .serverReflexive, address, of: entry, base: CandidateBase(endpoint: endpoint), server: server,
      related: entry.address, now: now)
  }

  mutating func takeRelayEvents(_ index: Int, now: NIODeadline) {
    while let event = relays[index].client.pollEvent() {
      let relay = relays[index]
      switch event {
      case .allocated(let relayed, let mapped, _):
        relays[index].isGathering = false
        guard let entry = endpoints.first(where: { $0.endpoint == relay.base.endpoint }) else { continue }
        let server = configuration.servers.firstIndex(of: relay.server)
        addServerReflexive(mapped, entry.endpoint, server: server, now: now)
        // "related address … mapped address"; it would tell the peer what policy `relay` hides.
        add(
          .relayed, relayed, of: entry, base: relay.base, server: server,
          related: configuration.policy == .all ? mapped : nil, now: now)
      case .failed(let error):
        relays[index].isGathering = false
        relays[index].dropHeld()
        report(error, of: relay)
        tryOtherCredentials(after: relay)
      case .lost(let error):
        report(error, of: relay)
        relays[index].dropHeld()
        forget(relay.base, now: now)
        guard agent.isRunning, relay.renewals < ICERelay.maximumRenewals else { continue }
        relays[index].renewals += 1
        relays[index].client.allocate(now: now)
      case .peerRefused(let peer, _):
        agent.refuse(peer, on: relay.base, now: now)
      }
    }
  }

  private mutating func tryOtherCredentials(after relay: ICERelay) {
    let servers = configuration.servers
    guard agent.isRunning, let failed = servers.firstIndex(of: relay.server) else { return }
    let tried = servers[...failed].filter { $0.isSameServer(as: relay.server) }.map(\.kind)
    let next = servers[failed...].firstIndex { $0.isSameServer(as: relay.server) && !tried.contains($0.kind) }
    if let next { gathering.append((relay.base.endpoint, next)) }
  }

  private mutating func report(_ error: TURNError, of relay: ICERelay) {
    guard state != .closed else { return }
    events.append(.candidateError(url: relay.server.url, code: error.code, text: error.text))
  }

  // MARK: Flushing

  /// Takes everything the parts have to say to the outside; and agent and relays what they have for each other.
  mutating func flush(now: NIODeadline) {
    takeBindingEvents(now: now)
    for index in relays.indices {
      takeRelayEvents(index, now: now)
      for datagram in relays[index].takePermitted() { forward(datagram, now: now) }
    }
    while let datagram = agent.pollTransmit() { forward(datagram, now: now) }
    while let event = agent.pollEvent() {
      switch event {
      case .stateChange(let state):
        events.append(.stateChange(state))
      case .selectedPairChange(let pair):
        events.append(.selectedPairChange(pair))
        bindSelectedChannel(now: now)
      case .concluded:
        freeUnused(now: now)
      case .reopened:
        gatherFreed(now: now)
      }
    }
    while let transmit = bindings.pollTransmit() { outgoing.append(transmit) }
    for index in relays.indices {
      while let transmit = relays[index].client.pollTransmit() { outgoing.append(transmit) }
    }
    let isBusy = !gathering.isEmpty || bindings.isBusy || relays.contains(where: \.isGathering)
    if isGathering, !isBusy, agent.isRunning {
      isGathering = false
      events.append(.gatheringComplete)
    }
  }

  private mutating func forward(_ datagram: ICEAgent.Datagram, now: NIODeadline) {
    guard datagram.base.isRelayed else {
      let transmit = Transmit(
        endpoint: datagram.base.endpoint, remote: datagram.remote, payload: datagram.payload)
      return outgoing.append(transmit)
    }
    guard let index = relays.firstIndex(where: { $0.base == datagram.base }) else { return }
    if let transmit = relays[index].frame(datagram, now: now) { outgoing.append(transmit) }
  }

  /// Only the pair that carries the media is worth a channel: checks go by Send indication.
  private mutating func bindSelectedChannel(now: NIODeadline) {
    guard
      let path = agent.selectedPath, path.base.isRelayed,
      let index = relays.firstIndex(where: { $0.base == path.base })
    else { return }
    relays[index].client.bindChannel(to: path.remote, now: now)
  }

  /// Until a pair is nominated the NATs must remember our mappings: a callee may take a minute to answer. An
  /// indication without attributes is what every server, however old, bears.
  mutating func keepAlive(now: NIODeadline) {
    guard let due = keepaliveAt, due <= now else { return }
    guard agent.isRunning, selectedPair?.isNominated != true else {
      keepaliveAt = nil
      return
    }
    keepaliveAt = now + Self.keepaliveInterval
    for entry in endpoints {
      for server in configuration.servers where server.address.protocol == entry.address.protocol {
        if configuration.policy == .relay, server.kind == .stun { continue }
        let indication = STUNMessage(.indication, .binding, transactionID: TransactionID(using: &generator))
        outgoing.append(Transmit(endpoint: entry.endpoint, remote: server.address, payload: indication.encoded()))
      }
    }
  }
}
