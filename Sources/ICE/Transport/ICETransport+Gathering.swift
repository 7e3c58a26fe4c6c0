import NIOCore

/// The gathering of candidates (RFC 8445 section 5.1), and the keepalives for the NATs.
extension ICETransport {
  /// "Tr … SHOULD have a default of 15 seconds" (RFC 8445 section 11).
  static let keepaliveInterval = TimeAmount.seconds(15)

  /// Adds a bound socket with a specific address. Its host candidate is announced at once, the others follow.
  package mutating func addLocalEndpoint(_ endpoint: LocalEndpoint, address: SocketAddress, now: NIODeadline) {
    guard
      agents.current.isRunning, address.isUsableCandidateAddress,
      let entry = endpoints.add(endpoint, address: address)
    else { return }
    gathering.begin()
    if configuration.policy == .all {
      add(.host, address, of: entry, base: CandidateBase(endpoint: endpoint), now: now)
    }
    // Under the policy `relay` a server-reflexive address is neither announced nor used.
    if configuration.policy == .all { gathering.append(bindingTasks(from: entry)) }
    enqueue(relayTasks(from: entry, family: .ipv4))
    if gathering.wantsIPv6Relays { enqueue(relayTasks(from: entry, family: .ipv6)) }
    keepaliveAt = keepaliveAt ?? now + Self.keepaliveInterval
    flush(now: now)
  }

  /// The tasks to query each STUN server once, even if it has several names.
  func bindingTasks(from entry: LocalEndpoints.Entry) -> [GatheringTask] {
    let servers = configuration.servers
    return servers.indices.filter { index in
      servers[index].kind == .stun && servers[index].address.protocol == entry.address.protocol
        && !servers[..<index].contains { $0.isSameServer(as: servers[index]) }
    }.map { GatheringTask(endpoint: entry.endpoint, server: $0) }
  }

  package mutating func removeLocalEndpoint(_ endpoint: LocalEndpoint, now: NIODeadline) {
    endpoints.remove(endpoint)
    gathering.remove(endpoint)
    bindings.cancel(endpoint)
    for lost in agents.localCandidates where lost.base.endpoint.socket == endpoint {
      forget(lost.base, now: now)
    }
    for index in relays.indices where relays[index].task.endpoint == endpoint { free(index, now: now) }
    relays.removeAll { $0.task.endpoint == endpoint }
    outgoing.removeAll { $0.endpoint == endpoint }
    flush(now: now)
  }

  /// Performs the tasks that are due; returns whether there were any.
  private mutating func gather(now: NIODeadline) -> Bool {
    var hasBegun = false
    releaseSpare(now: now)
    while let next = gathering.next(now: now) {
      if isRelay(next) {
        guard startRelay(next, now: now) else { continue }
      } else {
        bindings.query(configuration.servers[next.server].address, from: next.endpoint, now: now)
      }
      gathering.asked(now: now)
      hasBegun = true
    }
    return hasBegun
  }

  /// Announces a candidate unless it is redundant (RFC 8445 section 5.1.3).
  mutating func add(
    _ kind: ICECandidate.Kind, _ address: SocketAddress, of entry: LocalEndpoints.Entry, base: CandidateBase,
    server: Int? = nil, related: SocketAddress? = nil, now: NIODeadline
  ) {
    let origin = server.map { GatheredCandidates.Origin(server: configuration.servers[$0], order: $0) }
    guard let candidate = candidates.make(kind, address, from: entry, origin: origin, related: related) else { return }
    agents.addLocalCandidate(candidate, base: base, now: now)
    events.append(.localCandidate(candidate))
  }

  // MARK: Results of the clients

  mutating func takeBindingEvents(now: NIODeadline) {
    while let event = bindings.pollEvent() {
      switch event {
      case .mapped(let address, let server, let endpoint, _):
        addServerReflexive(address, endpoint, server: serverIndex(server), now: now)
      case .failed(let error, let server, let endpoint):
        guard endpoints[endpoint] != nil else { continue }
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
    guard configuration.policy == .all, let entry = endpoints[endpoint] else { return }
    add(
      .serverReflexive, address, of: entry, base: CandidateBase(endpoint: endpoint), server: server,
      related: entry.address, now: now)
  }

  // MARK: Flushing

  /// Collects the output of all parts, and passes on what the agents and the relays have for each other.
  mutating func flush(now: NIODeadline) {
    repeat { takeEvents(now: now) } while gather(now: now)
    while let transmit = bindings.pollTransmit() { outgoing.append(transmit) }
    for index in relays.indices {
      while let transmit = relays[index].client.pollTransmit() { outgoing.append(transmit) }
    }
    let isBusy = !gathering.queue.isEmpty || bindings.isBusy || relays.contains(where: \.isGathering)
    if gathering.isUnderWay, !isBusy, agents.current.isRunning {
      gathering.complete(lacksRelay: lacksRelay, now: now)
      events.append(.gatheringComplete)
    }
  }

  private mutating func takeEvents(now: NIODeadline) {
    takeBindingEvents(now: now)
    for index in relays.indices {
      takeRelayEvents(index, now: now)
      for datagram in relays[index].takePermitted() { forward(datagram, now: now) }
    }
    while let datagram = agents.current.pollTransmit() { forward(datagram, now: now) }
    while let event = agents.current.pollEvent() {
      switch event {
      case .stateChange(.failed) where agents.previous?.isConnected == true:
        resumePrevious()
      case .stateChange(let state):
        if state == .failed { agents.endPrevious() }
        events.append(.stateChange(state))
      case .selectedPairChange(let pair):
        events.append(.selectedPairChange(pair))
        bindSelectedChannel(now: now)
      case .concluded:
        agents.endPrevious()
        freeUnused(now: now)
      case .reopened:
        gatherSpare()
      case .roundTripMeasured(let number):
        events.append(.roundTripMeasured(number))
      }
    }
    takePreviousEvents(now: now)
    notePath()
  }

  mutating func forward(_ datagram: ICEAgent.Datagram, now: NIODeadline) {
    guard datagram.base.isRelayed else {
      let transmit = Transmit(
        endpoint: datagram.base.endpoint, remote: datagram.remote, payload: datagram.payload)
      return outgoing.append(transmit)
    }
    guard let index = relays.index(of: datagram.base) else { return }
    if let transmit = relays[index].frame(datagram, now: now) { outgoing.append(transmit) }
  }

  /// Keeps the mappings of the NATs alive until a pair is nominated, since a person may take a minute to answer a call.
  /// An indication without attributes is harmless to every server, however old.
  mutating func keepAlive(now: NIODeadline) {
    guard let due = keepaliveAt, due <= now else { return }
    guard agents.current.isRunning, !agents.current.hasNominatedPath else {
      keepaliveAt = nil
      return
    }
    keepaliveAt = now + Self.keepaliveInterval
    for entry in endpoints.entries {
      for server in configuration.servers where server.address.protocol == entry.address.protocol {
        if configuration.policy == .relay, server.kind == .stun { continue }
        if server.relayProtocol.isStream { continue }
        let indication = STUNMessage(.indication, .binding, transactionID: TransactionID(using: &generator))
        outgoing.append(Transmit(endpoint: entry.endpoint, remote: server.address, payload: indication.encoded()))
      }
    }
  }
}
