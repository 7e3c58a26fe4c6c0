import NIOCore

/// ICE restarts (RFC 8445 section 9), by either side: sockets and allocations are kept, credentials and candidates are
/// told anew.
///
/// Where both sides restart at once each takes the other's new credentials for the answer to its own: one generation.
extension ICETransport {
  /// Restarts of the peer's that are followed within a minute. Each costs checks, and a stanza for each candidate.
  static let maximumPeerRestarts = 8

  /// Our wish. The event `restarted` and then the candidates are for the peer, whose new credentials are the answer.
  package mutating func restart(now: NIODeadline) {
    guard agent.isRunning, agent.credentials.remote != nil else { return }
    begin(now: now) { $0.append(.restarted) }
    flush(now: now)
  }

  /// The peer's new credentials: the answer to our restart, or a restart of its own, which our candidates answer.
  package mutating func restart(_ parameters: ICEParameters, now: NIODeadline) {
    guard
      agent.isRunning, parameters != agent.credentials.remote, parameters != previous?.credentials.remote
    else { return }
    if agent.credentials.remote != nil {
      peerRestarts.removeAll { now - $0 >= .minutes(1) }
      guard peerRestarts.count < Self.maximumPeerRestarts else { return }
      peerRestarts.append(now)
      begin(now: now) { _ in }
    }
    previous?.retire()
    agent.setRemoteParameters(parameters, now: now)
    flush(now: now)
  }

  /// The peer will not restart: the generation before goes on, if it still can, with what was gathered since.
  package mutating func rollBack(now: NIODeadline) {
    guard agent.isRunning, agent.credentials.remote == nil else { return }
    if previous == nil {
      agent.fail()
    } else {
      resumePrevious()
      for local in agent.localCandidates { events.append(.localCandidate(local.candidate)) }
    }
    flush(now: now)
  }

  /// "During the restart, data can continue to be sent using existing data sessions": on the pair of the generation
  /// before, while that works and no pair of this one is nominated.
  var path: (base: CandidateBase, remote: SocketAddress)? {
    guard let previous else { return agent.selectedPath }
    if agent.hasNominatedPath { return agent.selectedPath }
    return (previous.isConnected ? previous.selectedPath : nil) ?? agent.selectedPath ?? previous.selectedPath
  }

  /// A STUN message of the peer's, for whichever generation it names.
  mutating func receiveCheck(
    _ datagram: ByteBuffer, from source: SocketAddress, on base: CandidateBase, now: NIODeadline
  ) {
    if let previous, let message = try? STUNMessage(parsing: datagram), previous.owns(message) {
      self.previous?.receive(datagram, from: source, on: base, now: now)
    } else {
      agent.receive(datagram, from: source, on: base, now: now)
    }
  }

  mutating func takePreviousEvents(now: NIODeadline) {
    while let datagram = previous?.pollTransmit() { forward(datagram, now: now) }
    while let event = previous?.pollEvent() {
      if case .selectedPairChange = event { bindSelectedChannel(now: now) }
    }
    if previous?.isRunning == false || agent.credentials.remote != nil && previous?.selectedPath == nil {
      endPrevious()
    }
  }

  mutating func endPrevious() {
    previous.map { counts.checks.add($0.statistics) }
    previous = nil
  }

  /// Nothing came of the restart, and the generation before still works.
  mutating func resumePrevious() {
    guard let previous else { return }
    counts.checks.add(agent.statistics)
    agent = previous
    self.previous = nil
    events.append(.stateChange(agent.state))
  }

  private mutating func begin(now: NIODeadline, announce: (inout CircularBuffer<Event>) -> Void) {
    let old = agent
    generations += 1
    agent = old.next(generation: generations, using: generator, now: now)
    _ = generator.next()
    // Of two restarts in a row the first may not have found a pair yet.
    if previous == nil || old.selectedPath != nil {
      endPrevious()
      previous = old
    } else {
      counts.checks.add(old.statistics)
    }
    announce(&events)
    announced.removeAll()
    isGathering = true
    for local in old.localCandidates {
      announced.insert(local.candidate.address)
      agent.addLocalCandidate(local.candidate, base: local.base, now: now)
      events.append(.localCandidate(local.candidate))
    }
    // The NATs may have forgotten the mappings, and others may be on the way now.
    if configuration.policy == .all {
      for entry in endpoints { gathering.append(contentsOf: bindingTasks(from: entry)) }
    }
    // Kept where they still work; the permissions that the new candidates want are asked for with their checks.
    let kept = previous?.selectedPath
    for index in relays.indices {
      relays[index].client.refresh(now: now)
      relays[index].client.keep([kept].compactMap { $0?.base == relays[index].base ? $0?.remote : nil }, now: now)
    }
    gatherSpare()
    keepaliveAt = keepaliveAt ?? now + Self.keepaliveInterval
  }
}
