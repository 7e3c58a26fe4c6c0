import NIOCore

/// The candidates of both sides, which may be added at any time (RFC 8445 section 6.1.2, RFC 8838 section 10).
extension ICEAgent {
  /// Adds a candidate of ours. Host and relayed candidates form pairs. A server-reflexive candidate would be replaced
  /// by its base in every pair and be pruned (RFC 8445 section 6.1.2.4); it is only kept to recognize its address.
  package mutating func addLocalCandidate(_ candidate: ICECandidate, base: CandidateBase, now: NIODeadline) {
    guard isRunning, let local = candidates.addLocal(candidate, base: base), local.isBase else { return }
    pairSignalled(with: local)
    handleTimeout(now: now)
  }

  /// Removes a base whose socket or allocation no longer exists.
  package mutating func removeBase(_ base: CandidateBase, now: NIODeadline) {
    candidates.removeLocal(of: base)
    removePairs { $0.base == base }
    if let pair = nomination.pair, checklist.index(of: pair) == nil { nomination.end() }
    handleTimeout(now: now)
  }

  /// The remote addresses of the pairs of a base that have not failed.
  package func peers(on base: CandidateBase) -> [SocketAddress] {
    checklist.pairs.filter { $0.base == base && $0.state != .failed }.map(\.remote.address)
  }

  /// Fails the pairs of a relayed base with this IP address, since the server refuses to relay to it.
  package mutating func refuse(_ remote: SocketAddress, on base: CandidateBase, now: NIODeadline) {
    for index in checklist.pairs.indices {
      let pair = checklist[index]
      guard pair.base == base, pair.remote.address.withoutPort == remote.withoutPort else { continue }
      checklist[index].state = .failed
      checks.removeAll { $0.pair == pair.id }
      nomination.end(of: pair.id)
    }
    handleTimeout(now: now)
  }

  /// Adds a candidate of the peer from the signalling. Candidates that cannot be used are ignored: those of other
  /// components (some clients offer one for RTCP), impossible addresses, duplicates, and those beyond the limit.
  package mutating func addRemoteCandidate(_ candidate: ICECandidate, now: NIODeadline) {
    guard isRunning, candidate.component == 1, candidate.address.isUsableCandidateAddress else { return }
    var candidate = candidate
    candidate.priority = min(candidate.priority, Self.maximumPriority)
    switch candidates.addRemote(candidate) {
    case .added: break
    case .identified: adopt(candidate)
    case .ignored: return
    }
    for local in localCandidates where local.isBase {
      _ = pair(local.base, local.candidate, candidate)
    }
    handleTimeout(now: now)
  }

  /// Pairs a local candidate with those of the peer. Peer-reflexive candidates are left out: "the ICE agent does not
  /// pair this candidate with any local candidates" (RFC 8445 section 7.3.1.3).
  mutating func pairSignalled(with local: LocalCandidate) {
    for remote in remoteCandidates where remote.kind != .peerReflexive {
      _ = pair(local.base, local.candidate, remote)
    }
  }

  /// Gives pairs that a check revealed before the signalling arrived the candidate's true type and priority.
  private mutating func adopt(_ candidate: ICECandidate) {
    for index in checklist.pairs.indices where checklist[index].remote.address == candidate.address {
      checklist[index].remote = candidate
      checklist[index].priority = priority(checklist[index].local, candidate)
      checklist[index].transmissionsLeft = RetransmissionTimer.maximumTransmissions
    }
  }

  /// Returns the identifier of the pair of a base and an address from which the peer sent a request; the pair is made
  /// if it is new. Returns nil if there are too many.
  mutating func pairForCheck(
    from source: SocketAddress, on base: CandidateBase, priority remotePriority: UInt32, now: NIODeadline
  ) -> Int? {
    if let index = checklist.index(of: base, source) { return checklist[index].id }
    guard let local = baseCandidate(of: base) else { return nil }
    if checklist.isFull || candidates.isFull { forgetSilentPairs(now: now) }
    guard let remote = candidates.remote(at: source, priority: remotePriority) else { return nil }
    return pair(base, local, remote, isWanted: true).map { checklist[$0].id }
  }

  /// Removes the pairs that worked once but do not answer any longer. Each rebinding of a NAT leaves one behind.
  private mutating func forgetSilentPairs(now: NIODeadline) {
    let kept = [selection.pair, nomination.pair]
    removePairs { $0.state == .succeeded && !$0.isLive(now: now) && !kept.contains($0.id) }
    candidates.forgetRevealed(besides: Set(checklist.pairs.map(\.remote.address)))
  }

  func baseCandidate(of base: CandidateBase) -> ICECandidate? {
    candidates.base(of: base)
  }

  /// Pairs two candidates and returns the index of the pair; nil if they cannot be paired.
  ///
  /// - Parameter isWanted: the peer has just sent from the remote address.
  mutating func pair(
    _ base: CandidateBase, _ local: ICECandidate, _ remote: ICECandidate, isWanted: Bool = false
  ) -> Int? {
    guard isWanted || !selection.isConcluded else { return nil }
    guard local.address.protocol == remote.address.protocol, checklist.index(of: base, remote.address) == nil else {
      return nil
    }
    // The kernel does not send from a loopback address to any other address.
    guard base.isRelayed || local.address.isLoopback == remote.address.isLoopback else { return nil }
    let mayEvict = checklist.isFull
    let index = checklist.add(base, local, remote, priority: priority(local, remote), isWanted: isWanted)
    if mayEvict { endLostChecks() }
    return index
  }

  mutating func removePairs(where shouldRemove: (CandidatePair) -> Bool) {
    checklist.removeAll(where: shouldRemove)
    endLostChecks()
  }

  /// Removes the checks of pairs that were removed, which would be retransmitted in vain.
  private mutating func endLostChecks() {
    let pairs = Set(checklist.pairs.map(\.id))
    checks.removeAll { !pairs.contains($0.pair) }
  }

  func priority(_ local: ICECandidate, _ remote: ICECandidate) -> UInt64 {
    switch role {
    case .controlling: CandidatePair.priority(controlling: local.priority, controlled: remote.priority)
    case .controlled: CandidatePair.priority(controlling: remote.priority, controlled: local.priority)
    }
  }

  /// "A change in roles will require an agent to recompute pair priorities" (RFC 8445 section 7.3.1.1).
  mutating func switchRole() {
    claim.switchRole()
    nomination.end()
    for index in checklist.pairs.indices {
      checklist[index].priority = priority(checklist[index].local, checklist[index].remote)
    }
  }
}
