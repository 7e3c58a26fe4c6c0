import NIOCore

/// ICE restarts (RFC 8445 section 9), by either side: sockets and allocations are kept, credentials and candidates are
/// told anew.
///
/// Where both sides restart at once each takes the other's new credentials for the answer to its own: one generation.
extension ICETransport {
  /// Our wish. The event `restarted` and then the candidates are for the peer, whose new credentials are the answer.
  package mutating func restart(now: NIODeadline) {
    guard agents.current.isRunning, agents.current.credentials.remote != nil else { return }
    events.append(.restarted)
    begin(now: now)
    flush(now: now)
  }

  /// The peer's new credentials: the answer to our restart, or a restart of its own, which our candidates answer.
  package mutating func restart(_ parameters: ICEParameters, now: NIODeadline) {
    guard
      agents.current.isRunning, parameters != agents.current.credentials.remote,
      parameters != agents.previous?.credentials.remote
    else { return }
    if agents.current.credentials.remote != nil {
      guard agents.admitPeerRestart(now: now) else { return }
      begin(now: now)
    }
    agents.setRemoteParameters(parameters, now: now)
    flush(now: now)
  }

  /// The peer will not restart: the generation before goes on, if it still can, with what was gathered since.
  package mutating func rollBack(now: NIODeadline) {
    guard agents.current.isRunning, agents.current.credentials.remote == nil else { return }
    if agents.previous == nil {
      agents.current.fail()
    } else {
      resumePrevious()
      for local in agents.current.localCandidates { events.append(.localCandidate(local.candidate)) }
    }
    flush(now: now)
  }

  mutating func takePreviousEvents(now: NIODeadline) {
    while let datagram = agents.pollPreviousTransmit() { forward(datagram, now: now) }
    while let event = agents.pollPreviousEvent() {
      if case .selectedPairChange = event { bindSelectedChannel(now: now) }
    }
    agents.endLostPrevious()
  }

  /// Nothing came of the restart, and the generation before still works.
  mutating func resumePrevious() {
    if agents.resumePrevious() { events.append(.stateChange(agents.current.state)) }
  }

  private mutating func begin(now: NIODeadline) {
    agents.begin(using: generator, now: now)
    _ = generator.next()
    gathering.begin()
    let kept = agents.current.localCandidates.map(\.candidate)
    candidates.restart(with: kept)
    for candidate in kept { events.append(.localCandidate(candidate)) }
    // The NATs may have forgotten the mappings, and others may be on the way now.
    if configuration.policy == .all {
      for entry in endpoints.entries { gathering.append(bindingTasks(from: entry)) }
    }
    // Kept where they still work; the permissions that the new candidates want are asked for with their checks.
    let path = agents.previous?.selectedPath
    for index in relays.indices {
      relays[index].client.refresh(now: now)
      relays[index].client.keep([path].compactMap { $0?.base == relays[index].base ? $0?.remote : nil }, now: now)
    }
    gatherSpare()
    keepaliveAt = keepaliveAt ?? now + Self.keepaliveInterval
  }
}
