import NIOCore

/// ICE restarts (RFC 8445 section 9) by either side: sockets and allocations are kept, while credentials and candidates
/// are signalled anew.
///
/// If both sides restart at the same time, each takes the other's new credentials as the answer to its own, and the
/// result is one generation.
extension ICETransport {
  /// Restarts ICE from our side. The event `restarted` and the candidates after it are to be signalled; the peer
  /// answers with its new credentials.
  package mutating func restart(now: NIODeadline) {
    guard agents.current.isRunning, agents.current.credentials.remote != nil else { return }
    events.append(.restarted)
    begin(now: now)
    flush(now: now)
  }

  /// Takes the peer's new credentials: the answer to our restart, or a restart by the peer, which our candidates
  /// answer.
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

  /// Handles the peer's refusal of our restart: the previous generation continues, if it still can, with the candidates
  /// gathered since.
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
      switch event {
      case .selectedPairChange: bindSelectedChannel(now: now)
      case .roundTripMeasured(let number): events.append(.roundTripMeasured(number))
      case .stateChange, .concluded, .reopened: break
      }
    }
    agents.endLostPrevious()
  }

  /// Returns to the previous generation after a failed restart.
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
    // The NATs may have dropped the mappings, or the path may lead through other NATs now.
    if configuration.policy == .all {
      for entry in endpoints.entries { gathering.append(bindingTasks(from: entry)) }
    }
    // Working allocations are kept. The permissions for new candidates are requested with their checks.
    let path = agents.previous?.selectedPath
    for index in relays.indices {
      relays[index].client.refresh(now: now)
      relays[index].client.keep([path].compactMap { $0?.base == relays[index].base ? $0?.remote : nil }, now: now)
    }
    gatherSpare()
    keepaliveAt = keepaliveAt ?? now + Self.keepaliveInterval
  }
}
