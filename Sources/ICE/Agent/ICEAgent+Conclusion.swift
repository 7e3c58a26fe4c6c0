import NIOCore

/// Nomination, the selected pair, consent and the state (RFC 8445 section 8, RFC 7675, RFC 8863).
extension ICEAgent {
  /// A difference in round-trip time that queueing of a single packet does not explain.
  static let noticeableDifference = TimeAmount.milliseconds(10)

  package mutating func handleTimeout(now: NIODeadline) {
    guard isRunning else { return }
    expireChecks(now: now)
    nominate(now: now)
    performChecks(now: now)
    select(now: now)
    conclude(now: now)
    maintainConsent(now: now)
    updateState(now: now)
  }

  package var deadline: NIODeadline? {
    guard isRunning else { return nil }
    var earliest = checks.lazy.map(\.deadline).min()
    for deadline in [
      credentials.remote == nil ? nil : checklist.checkDeadline, nominationDeadline, selection.concludesAt,
      consent.deadline(hasPair: selection.pair != nil), patienceDeadline, silenceDeadline,
    ] {
      if let deadline { earliest = min(earliest ?? deadline, deadline) }
    }
    return earliest
  }

  // MARK: Nomination

  /// Nominates the best pair, once, by repeating its check with USE-CANDIDATE: regular nomination (RFC 8445 section
  /// 8.1.1).
  private mutating func nominate(now: NIODeadline) {
    guard let due = nominationDeadline, due <= now, let best = bestValid(now: now).map(fastest) else { return }
    nomination.begin(checklist[best].id)
    checklist.trigger(checklist[best].id)
  }

  private var nominationDeadline: NIODeadline? {
    guard
      role == .controlling, nomination.pair == nil,
      !checklist.pairs.contains(where: { $0.state == .succeeded && $0.isNominated }),
      let best = checklist.pairs.filter({ $0.state == .succeeded }).max(by: { $0.priority < $1.priority })
    else { return nil }
    let canImprove = checklist.pairs.contains { $0.isUndecided && ($0.priority > best.priority || $0.isLike(best)) }
    return nomination.dueTime(isRelayed: mayBeRelayed(best), canImprove: canImprove)
  }

  /// Whether the pair may use a relay that another pair could avoid. If all of our candidates are relayed, only the
  /// peer's side matters. A peer-reflexive address may be that of a relay of the peer, unless the peer has signalled
  /// the same IP address as its own.
  private func mayBeRelayed(_ pair: CandidatePair) -> Bool {
    if pair.base.isRelayed, localCandidates.contains(where: { !$0.base.isRelayed }) { return true }
    switch pair.remote.kind {
    case .relayed: return true
    case .host, .serverReflexive: return false
    case .peerReflexive:
      let address = pair.remote.address.withoutPort
      return !remoteCandidates.contains {
        ($0.kind == .host || $0.kind == .serverReflexive) && $0.address.withoutPort == address
      }
    }
  }

  /// Marks a pair as nominated if its successful check was the nomination, by either side.
  mutating func conclude(_ check: ConnectivityCheck, _ index: Int) {
    if check.purpose == .nomination, check.role == role, role == .controlling {
      checklist[index].isNominated = true
      nomination.end()
    }
    if checklist[index].isNominationPending, role == .controlled {
      checklist[index].isNominated = true
      checklist[index].isNominationPending = false
    }
  }

  // MARK: Selected pair

  /// Returns the index of the best valid pair: one that answers is preferred, then a nominated one, then the highest
  /// priority. A controlled agent thereby follows peers that nominate more than once, as some clients do.
  private func bestValid(now: NIODeadline) -> Int? {
    func rank(_ index: Int) -> (Int, Int, UInt64) {
      let pair = checklist[index]
      return (pair.isLive(now: now) ? 1 : 0, pair.isNominated ? 1 : 0, pair.priority)
    }
    return checklist.pairs.indices.filter { checklist[$0].state == .succeeded }.max { rank($0) < rank($1) }
  }

  /// Of the pairs that differ from this one only in local preference (two interfaces, two relays), returns the one with
  /// the shortest round-trip time, if the difference is noticeable.
  private func fastest(like index: Int) -> Int {
    let pair = checklist[index]
    guard let roundTripTime = pair.roundTripTime else { return index }
    let faster = checklist.pairs.indices.filter { other in
      guard checklist[other].state == .succeeded, checklist[other].isLike(pair) else { return false }
      return checklist[other].roundTripTime.map { $0 + Self.noticeableDifference < roundTripTime } ?? false
    }
    return faster.min { checklist[$0].roundTripTime ?? .zero < checklist[$1].roundTripTime ?? .zero } ?? index
  }

  private mutating func select(now: NIODeadline) {
    guard var best = bestValid(now: now) else {
      selection.clear()
      return
    }
    if checklist[best].isLive(now: now) {
      for index in checklist.pairs.indices where !checklist[index].isLive(now: now) {
        checklist[index].isNominated = false
      }
    } else if let selected = selection.pair, let index = checklist.index(of: selected),
      checklist[index].state == .succeeded
    {
      // While no pair is answered, the one that answered last remains selected.
      best = index
    }
    let pair = checklist[best]
    statistics.currentRoundTripTime = pair.roundTripTime
    pair.lastResponse.map { consent.renew(at: $0) }
    guard selection.select(pair, now: now) else { return }
    consent.start(now: now, using: &generator)
    if let selectedPair { announce(.selectedPairChange(selectedPair)) }
  }

  // MARK: Consent

  /// Sends the consent checks, which serve as keepalives too: "an agent … sending consent checks need not send
  /// keepalives".
  private mutating func maintainConsent(now: NIODeadline) {
    if consent.isExpired(now: now) { return fail() }
    guard
      consent.isGiven, let selected = selection.pair, let index = checklist.index(of: selected),
      consent.takeCheck(now: now, using: &generator)
    else { return }
    check(index, .consent, now: now)
  }

  // MARK: State

  private var patienceDeadline: NIODeadline? {
    consent.isGiven ? nil : checklist.failureDeadline
  }

  /// When the selected pair will have been silent for too long.
  private var silenceDeadline: NIODeadline? {
    guard state != .disconnected, let selected = selection.pair, let index = checklist.index(of: selected) else {
      return nil
    }
    return checklist[index].lastResponse.map { $0 + ConsentTimer.disconnectedAfter }
  }

  private mutating func updateState(now: NIODeadline) {
    guard isRunning else { return }
    if let due = patienceDeadline, due <= now { return fail() }
    guard let selected = selection.pair, let index = checklist.index(of: selected) else {
      if consent.isGiven {
        setState(.disconnected)
      } else if credentials.remote != nil, !remoteCandidates.isEmpty {
        setState(.checking)
      }
      return
    }
    let pair = checklist[index]
    if !pair.isLive(now: now) {
      setState(.disconnected)
    } else {
      setState(pair.isNominated && checklist.undecidedCount == 0 ? .completed : .connected)
    }
  }
}
