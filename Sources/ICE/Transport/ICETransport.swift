import NIOCore

/// The path to one peer: W3C's `RTCIceTransport` and `RTCIceGatherer` in one (RFC 8445).
///
/// It gathers candidates from the given sockets and the configured servers, lets ``ICEAgent`` choose a pair, and sends
/// data on that pair, through an allocation if necessary.
package struct ICETransport: ~Copyable, Sendable {
  package struct Configuration: Sendable {
    package var servers: [ICEServer]
    package var policy: ICETransportPolicy
    /// Accept unsigned responses of TURN servers, as MongooseICE sends them.
    package var relaxedTURN: Bool

    package init(servers: [ICEServer] = [], policy: ICETransportPolicy = .all, relaxedTURN: Bool = false) {
      self.servers = servers
      self.policy = policy
      self.relaxedTURN = relaxedTURN
    }
  }

  package enum Event: Hashable, Sendable {
    case localCandidate(ICECandidate)
    /// All candidates have been gathered; occurs again after further endpoints were added.
    case gatheringComplete
    case stateChange(ICETransportState)
    case selectedPairChange(CandidatePairDescription)
    /// Data takes another path than before. A restart may select the same addresses again, which are the same path.
    case pathChange
    /// We restart ICE: the new credentials are to be signalled before the candidates that follow.
    case restarted
    /// The measurement with this number was answered.
    case roundTripMeasured(Int)
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
  /// The path on which data was sent last.
  private var knownPath: (base: CandidateBase, remote: SocketAddress)?
  /// The counters without those of the checks, which the agents count.
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
  /// The number of the ICE generation; 0 before any restart.
  package var generation: UInt32 { agents.current.credentials.generation }
  package var state: ICETransportState { agents.current.state }
  package var role: ICERole { agents.current.role }
  package var selectedPair: CandidatePairDescription? { agents.selectedPair }
  /// Whether there is a selected pair; cheaper than ``selectedPair``.
  package var hasPath: Bool { agents.path != nil }

  /// Tells of another path than before, whichever generation has found it.
  mutating func notePath() {
    guard let path = agents.path else { return }
    if let knownPath, knownPath != path { events.append(.pathChange) }
    knownPath = path
  }

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

  /// Replaces the credentials of the servers, for relays that are made later. An existing allocation keeps its own: a
  /// different username would be refused with 441 (RFC 8656 section 5), and servers keep the allocation alive.
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

  /// Takes a datagram from a socket, and returns data of the peer without its TURN framing; STUN is handled here and
  /// yields nil.
  package mutating func receive(
    _ datagram: consuming ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline
  ) -> ByteBuffer? {
    guard let index = relays.index(from: source, on: endpoint) else {
      return receive(datagram, from: source, base: CandidateBase(endpoint: endpoint), now: now)
    }
    let base = relays[index].base
    // Media is passed on without a copy, so that it can be unprotected in place.
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

  /// Returns the datagram that sends data on the selected pair, or before a nomination on the best valid one; nil if
  /// there is none.
  ///
  /// `payload` is unchanged but for a ChannelData header written before its first byte; to send it again later, skip
  /// that header.
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
      // The padding belongs to the stream and not to the payload.
      payload.moveWriterIndex(to: payload.readerIndex + ChannelBinding.headerLength + length)
      return transmit
    }
    // A Send indication is a different message, in a buffer of its own.
    var indication = payload
    guard relays[index].client.frame(&indication, to: path.remote, now: now) else { return discard() }
    return Transmit(endpoint: path.base.endpoint, remote: server, payload: indication)
  }

  /// Sends a check of the path on which data is sent, to measure its round-trip time; ``Event/roundTripMeasured(_:)``
  /// tells of the answer.
  package mutating func measureRoundTrip(_ number: Int, now: NIODeadline) {
    agents.measureRoundTrip(number, now: now)
    flush(now: now)
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

  /// When ``handleTimeout(now:)`` is due. After ``close(now:)`` it covers the Refresh requests that free the
  /// allocations, until they are answered.
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
  /// The next connection to open or close. It is to be polled after ``pollTransmit()``, since what is to be sent on a
  /// connection precedes its end.
  package mutating func pollConnectionRequest() -> ConnectionRequest? { connectionRequests.popFirst() }

  /// Closes the transport and frees the allocations by a Refresh with lifetime 0, which ``pollTransmit()`` still
  /// returns.
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
