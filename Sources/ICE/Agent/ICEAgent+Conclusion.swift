import NIOCore

/// Nomination, the selected pair, consent and the state (RFC 8445 section 8, RFC 7675, RFC 8863).
extension ICEAgent {
  /// How long a better pair is waited for once a direct one is valid. Data flows meanwhile.
  static let directNominationDelay = TimeAmount.milliseconds(100)
  /// And once only a relay is: a second transmission of the direct checks, and candidates still being gathered,
  /// have a chance.
  static let relayedNominationDelay = TimeAmount.seconds(1)
  /// Beyond what one packet's luck in the queues makes.
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
      checkDeadline, nominationDeadline, concludesAt, consentDeadline, patienceDeadline, silenceDeadline,
    ] {
      if let deadline { earliest = min(earliest ?? deadline, deadline) }
    }
    return earliest
  }

  // MARK: Nomination

  /// Regular nomination: once, of the best pair, by repeating its check with USE-CANDIDATE (RFC 8445 section 8.1.1).
  private mutating func nominate(now: NIODeadline) {
    guard let due = nominationDeadline, due <= now, let best = bestValid(now: now).map(fastest) else { return }
    nominating = checklist[best].id
    checklist.trigger(checklist[best].id)
  }

  private var nominationDeadline: NIODeadline? {
    guard
      role == .controlling, nominating == nil, let firstValidAt,
      !checklist.pairs.contains(where: { $0.state == .succeeded && $0.isNominated }),
      let best = checklist.pairs.filter({ $0.state == .succeeded }).max(by: { $0.priority < $1.priority })
    else { return nil }
    if mayBeRelayed(best) { return firstValidAt + Self.relayedNominationDelay }
    let canImprove = checklist.pairs.contains { $0.isUndecided && ($0.priority > best.priority || $0.isLike(best)) }
    return canImprove ? firstValidAt + Self.directNominationDelay : firstValidAt
  }

  /// Where everything of ours is relayed, only the peer's side makes a difference. A peer-reflexive address may be
  /// that of the peer's relay, unless it has told of the same IP address as its own.
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

  /// After the success of a check: what it nominated is now nominated.
  mutating func conclude(_ check: ConnectivityCheck, _ index: Int) {
    if check.purpose == .nomination, check.role == role, role == .controlling {
      checklist[index].isNominated = true
      nominating = nil
    }
    if checklist[index].isNominationPending, role == .controlled {
      checklist[index].isNominated = true
      checklist[index].isNominationPending = false
    }
  }

  // MARK: The selected pair

  /// A nominated pair before others, one that answers before others, then by priority. A controlled agent thereby
  /// follows peers that nominate more than once, as older and some newer ones do.
  private func bestValid(now: NIODeadline) -> Int? {
    func rank(_ index: Int) -> (Int, Int, UInt64) {
      let pair = checklist[index]
      return (pair.isLive(now: now) ? 1 : 0, pair.isNominated ? 1 : 0, pair.priority)
    }
    return checklist.pairs.indices.filter { checklist[$0].state == .succeeded }.max { rank($0) < rank($1) }
  }

  /// Of pairs that only local preference tells apart (two interfaces, two relays), the one with the shortest round trip,
  /// where it is shorter by what can be noticed.
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
      selected = nil
      return
    }
    if checklist[best].isLive(now: now) {
      for index in checklist.pairs.indices where !checklist[index].isLive(now: now) {
        checklist[index].isNominated = false
      }
    } else if let selected, let index = checklist.index(of: selected), checklist[index].state == .succeeded {
      // While all are silent none has a better claim than the last that answered.
      best = index
    }
    let pair = checklist[best]
    let isNew = pair.id != selected || isSelectedPairNominated != pair.isNominated
    selected = pair.id
    statistics.currentRoundTripTime = pair.roundTripTime
    if let lastResponse = pair.lastResponse {
      let expiry = lastResponse + ConsentTimer.expiry
      consentExpiresAt = max(consentExpiresAt ?? expiry, expiry)
    }
    guard isNew else { return }
    isSelectedPairNominated = pair.isNominated
    concludesAt = now + Self.conclusionDelay
    consentCheckAt = consentCheckAt ?? now + ConsentTimer.interval(using: &generator)
    if let selectedPair { announce(.selectedPairChange(selectedPair)) }
  }

  // MARK: Consent

  private var consentDeadline: NIODeadline? {
    guard let consentExpiresAt else { return nil }
    guard selected != nil, let consentCheckAt else { return consentExpiresAt }
    return min(consentExpiresAt, consentCheckAt)
  }

  /// These checks are the keepalives too: "an agent … sending consent checks need not send keepalives".
  private mutating func maintainConsent(now: NIODeadline) {
    guard let consentExpiresAt else { return }
    if now >= consentExpiresAt { return fail() }
    guard let due = consentCheckAt, due <= now, let selected, let index = checklist.index(of: selected) else { return }
    consentCheckAt = now + ConsentTimer.interval(using: &generator)
    check(index, .consent, now: now)
  }

  // MARK: The state

  private var patienceDeadline: NIODeadline? {
    guard let patienceEnd, consentExpiresAt == nil, checklist.undecidedCount == 0 else { return nil }
    return patienceEnd
  }

  /// When the selected pair has been silent for too long.
  private var silenceDeadline: NIODeadline? {
    guard state != .disconnected, let selected, let index = checklist.index(of: selected) else { return nil }
    return checklist[index].lastResponse.map { $0 + ConsentTimer.disconnectedAfter }
  }

  private mutating func updateState(now: NIODeadline) {
    guard isRunning else { return }
    if let due = patienceDeadline, due <= now { return fail() }
    guard let selected, let index = checklist.index(of: selected) else {
      if consentExpiresAt != nil {
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
