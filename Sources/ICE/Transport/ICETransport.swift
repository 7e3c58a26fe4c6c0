import NIOCore

/// One path to one peer: W3C's `RTCIceTransport` and `RTCIceGatherer` in one (RFC 8445).
///
/// It gathers candidates from the sockets it is given and the servers it is configured with, lets `ICEAgent` choose a
/// pair, and carries data over it, through an allocation where need be.
package struct ICETransport: ~Copyable, Sendable {
  package struct Configuration: Sendable {
    package var servers: [ICEServer]
    package var policy: ICETransportPolicy
    /// Accept unsigned responses of TURN servers, as MongooseICE's are.
    package var relaxedTURN: Bool

    package init(servers: [ICEServer] = [], policy: ICETransportPolicy = .all, relaxedTURN: Bool = false) {
      self.servers = servers
      self.policy = policy
      self.relaxedTURN = relaxedTURN
    }
  }

  package enum Event: Hashable, Sendable {
    case localCandidate(ICECandidate)
    /// Nothing is being gathered any more; comes again after further endpoints.
    case gatheringComplete
    case stateChange(ICETransportState)
    case selectedPairChange(CandidatePairDescription)
    /// An ICE restart of ours: the peer is to be told the new credentials, before the candidates that follow.
    case restarted
    case candidateError(url: String, ICEServerError)
  }

  var configuration: Configuration
  var generator: any RandomNumberGenerator & Sendable
  var agents: ICEGenerations
  var endpoints = LocalEndpoints()
  var candidates = GatheredCandidates()
  var relays = ICERelays()
  var bindings: STUNBindingClient
  var gathering = GatheringSchedule()
  var keepaliveAt: NIODeadline?
  var outgoing = CircularBuffer<Transmit>()
  var connectionRequests = CircularBuffer<ConnectionRequest>()
  var events = CircularBuffer<Event>()
  /// Without those of the checks, which the agents count.
  private var counts = ICETransportStatistics()

  package init(
    configuration: Configuration, role: ICERole, generator: any RandomNumberGenerator & Sendable
  ) {
    var generator = generator
    self.configuration = configuration
    agents = ICEGenerations(ICEAgent(role: role, generator: generator))
    _ = generator.next()
    bindings = STUNBindingClient(generator: generator)
    _ = generator.next()
    self.generator = generator
  }

  package var localParameters: ICEParameters { agents.current.localParameters }
  /// 0 before any ICE restart.
  package var generation: UInt32 { agents.current.credentials.generation }
  package var state: ICETransportState { agents.current.state }
  package var role: ICERole { agents.current.role }
  package var selectedPair: CandidatePairDescription? { agents.selectedPair }
  /// Whether there is a selected pair, without describing it.
  package var hasPath: Bool { agents.path != nil }

  package var pairStatistics: [CandidatePairStatistics] { agents.current.pairStatistics }

  package var statistics: ICETransportStatistics {
    var statistics = counts
    statistics.checks = agents.statistics
    return statistics
  }

  package mutating func setRemoteParameters(_ parameters: ICEParameters, now: NIODeadline) {
    agents.current.setRemoteParameters(parameters, now: now)
    flush(now: now)
  }

  package mutating func addRemoteCandidate(_ candidate: ICECandidate, now: NIODeadline) {
    agents.addRemoteCandidate(candidate, now: now)
    if candidate.address.isUsableCandidateAddress, candidate.address.stunFamily == .ipv6 { wantIPv6Relays() }
    flush(now: now)
  }

  /// Credentials lapse, and a relay may have to be made after that. One that is there keeps those that it was made with:
  /// "a … different username" is refused (RFC 8656 section 5: 441), and servers let it live.
  package mutating func renewCredentials(of servers: [ICEServer]) {
    for index in configuration.servers.indices {
      let known = configuration.servers[index]
      if let renewed = servers.first(where: { $0.url == known.url }) {
        configuration.servers[index].kind = renewed.kind
      }
    }
    for index in relays.indices { relays[index].server.kind = configuration.servers[relays[index].task.server].kind }
  }

  // MARK: Datagrams

  /// A datagram of one of the sockets; what comes back is the peer's, not STUN, and out of its TURN framing.
  package mutating func receive(
    _ datagram: consuming ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline
  ) -> ByteBuffer? {
    guard let index = relays.index(from: source, on: endpoint) else {
      return receive(datagram, from: source, base: CandidateBase(endpoint: endpoint), now: now)
    }
    let base = relays[index].base
    // The media's way: handed on whole, so that it can be unprotected in place.
    if STUNMessage.looksLikeSTUN(datagram) {
      switch relays[index].client.receive(copy datagram, from: source, now: now) {
      case .relayed(let payload, let peer):
        return receive(payload, from: peer, base: base, now: now)
      case .consumed:
        flush(now: now)
        return nil
      case .notMine:
        return receive(datagram, from: source, base: CandidateBase(endpoint: endpoint), now: now)
      }
    }
    guard case .relayed(let payload, let peer) = relays[index].client.receive(datagram, from: source, now: now) else {
      return drop()
    }
    return receive(payload, from: peer, base: base, now: now)
  }

  private mutating func receive(
    _ datagram: consuming ByteBuffer, from source: SocketAddress, base: CandidateBase, now: NIODeadline
  ) -> ByteBuffer? {
    // "0..3: STUN" (RFC 7983 section 7).
    guard let first = datagram.getInteger(at: datagram.readerIndex, as: UInt8.self) else { return drop() }
    if first <= 3 {
      guard STUNMessage.looksLikeSTUN(datagram) else { return drop() }
      if base.isRelayed || !bindings.receive(datagram, from: source, on: base.endpoint, now: now) {
        agents.receive(datagram, from: source, on: base, now: now)
      }
      flush(now: now)
      return nil
    }
    guard agents.accepts(dataFrom: source, on: base) else { return drop() }
    counts.packetsReceived += 1
    counts.bytesReceived += datagram.readableBytes
    return datagram
  }

  private mutating func drop() -> ByteBuffer? {
    counts.datagramsDropped += 1
    return nil
  }

  /// Takes data to the selected pair, or before a nomination to the best valid one; nil: there is none.
  ///
  /// `payload` stays what it was, but for a ChannelData header that is written before its first byte: who sends it
  /// again later takes it from where it began.
  package mutating func send(_ payload: inout ByteBuffer, now: NIODeadline) -> Transmit? {
    guard let path = agents.path else { return discard() }
    counts.packetsSent += 1
    counts.bytesSent += payload.readableBytes
    guard path.base.isRelayed else {
      return Transmit(endpoint: path.base.endpoint, remote: path.remote, payload: payload)
    }
    guard let index = relays.index(of: path.base) else { return discard() }
    let server = relays[index].client.server
    if relays[index].client.hasChannel(path.remote) {
      let length = payload.readableBytes
      guard relays[index].client.frame(&payload, to: path.remote, now: now) else { return discard() }
      let transmit = Transmit(endpoint: path.base.endpoint, remote: server, payload: payload)
      // Padding is the stream's.
      payload.moveWriterIndex(to: payload.readerIndex + ChannelBinding.headerLength + length)
      return transmit
    }
    // A Send indication is another message, in a buffer of its own.
    var indication = payload
    guard relays[index].client.frame(&indication, to: path.remote, now: now) else { return discard() }
    return Transmit(endpoint: path.base.endpoint, remote: server, payload: indication)
  }

  private mutating func discard() -> Transmit? {
    counts.packetsDiscardedOnSend += 1
    return nil
  }

  // MARK: Time

  package mutating func handleTimeout(now: NIODeadline) {
    bindings.handleTimeout(now: now)
    expireConnections(now: now)
    giveUpOnRelays(now: now)
    renewRelays(now: now)
    dropPermissions(now: now)
    for index in relays.indices { relays[index].client.handleTimeout(now: now) }
    agents.handleTimeout(now: now)
    keepAlive(now: now)
    flush(now: now)
  }

  /// After `close` that of the Refresh requests that free the allocations, until they are answered.
  package var deadline: NIODeadline? {
    var earliest = agents.deadline
    func take(_ deadline: NIODeadline?) {
      if let deadline { earliest = min(earliest ?? deadline, deadline) }
    }
    take(bindings.deadline)
    for relay in relays {
      take(relay.client.deadline)
      take(relay.connectsBy)
      take(relay.renewsAt)
    }
    take(gathering.deadline)
    take(keepaliveAt)
    return earliest
  }

  package mutating func pollTransmit() -> Transmit? { outgoing.popFirst() }
  package mutating func pollEvent() -> Event? { events.popFirst() }
  /// To be polled after `pollTransmit`: what is to be sent on a connection goes out before it is closed.
  package mutating func pollConnectionRequest() -> ConnectionRequest? { connectionRequests.popFirst() }

  /// Frees the allocations (Refresh with lifetime 0); `pollTransmit` still drains.
  package mutating func close(now: NIODeadline) {
    guard state != .closed else { return }
    agents.close()
    for entry in endpoints.entries { bindings.cancel(entry.endpoint) }
    endpoints.removeAll()
    gathering.stop()
    keepaliveAt = nil
    for index in relays.indices { free(index, now: now) }
    flush(now: now)
  }
}
