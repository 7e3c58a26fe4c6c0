import NIOCore

/// Candidates of both sides, whenever they come (RFC 8445 section 6.1.2, RFC 8838 section 10).
extension ICEAgent {
  /// Host and relayed candidates are bases and make pairs; a server-reflexive one is paired as its base, "the pruning"
  /// of RFC 8445 section 6.1.2.4, and is kept to be recognised.
  package mutating func addLocalCandidate(_ candidate: ICECandidate, base: CandidateBase, now: NIODeadline) {
    guard isRunning, let local = candidates.addLocal(candidate, base: base), local.isBase else { return }
    pairSignalled(with: local)
    handleTimeout(now: now)
  }

  /// The socket or the allocation is gone.
  package mutating func removeBase(_ base: CandidateBase, now: NIODeadline) {
    candidates.removeLocal(of: base)
    removePairs { $0.base == base }
    if let pair = nomination.pair, checklist.index(of: pair) == nil { nomination.end() }
    handleTimeout(now: now)
  }

  /// Where pairs of the base lead to, as far as they have not failed.
  package func peers(on base: CandidateBase) -> [SocketAddress] {
    checklist.pairs.filter { $0.base == base && $0.state != .failed }.map(\.remote.address)
  }

  /// The relay will not carry anything to this IP address.
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

  /// A candidate from signalling. What cannot be used is ignored: other components (some clients offer RTCP's own),
  /// impossible addresses, duplicates, and more than can be kept.
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

  /// What only checks revealed is left out: "the ICE agent does not pair this candidate with any local candidates" (RFC
  /// 8445 section 7.3.1.3).
  mutating func pairSignalled(with local: LocalCandidate) {
    for remote in remoteCandidates where remote.kind != .peerReflexive {
      _ = pair(local.base, local.candidate, remote)
    }
  }

  /// A check came before the signalling: what it revealed is now known by its real kind and priority.
  private mutating func adopt(_ candidate: ICECandidate) {
    for index in checklist.pairs.indices where checklist[index].remote.address == candidate.address {
      checklist[index].remote = candidate
      checklist[index].priority = priority(checklist[index].local, candidate)
      checklist[index].transmissionsLeft = RetransmissionTimer.maximumTransmissions
    }
  }

  /// The pair of a base and a remote address, where the peer has just shown itself; made where there is none.
  mutating func pairForCheck(
    from source: SocketAddress, on base: CandidateBase, priority remotePriority: UInt32, now: NIODeadline
  ) -> Int? {
    if let index = checklist.index(of: base, source) { return checklist[index].id }
    guard let local = baseCandidate(of: base) else { return nil }
    if checklist.isFull || candidates.isFull { forgetSilentPairs(now: now) }
    guard let remote = candidates.remote(at: source, priority: remotePriority) else { return nil }
    return pair(base, local, remote, isWanted: true).map { checklist[$0].id }
  }

  /// Makes room: each rebinding of a NAT leaves a pair behind that once worked.
  private mutating func forgetSilentPairs(now: NIODeadline) {
    let kept = [selection.pair, nomination.pair]
    removePairs { $0.state == .succeeded && !$0.isLive(now: now) && !kept.contains($0.id) }
    candidates.forgetRevealed(besides: Set(checklist.pairs.map(\.remote.address)))
  }

  func baseCandidate(of base: CandidateBase) -> ICECandidate? {
    candidates.base(of: base)
  }

  /// - Parameter isWanted: the peer is known to be there.
  mutating func pair(
    _ base: CandidateBase, _ local: ICECandidate, _ remote: ICECandidate, isWanted: Bool = false
  ) -> Int? {
    guard isWanted || !selection.isConcluded else { return nil }
    guard local.address.protocol == remote.address.protocol, checklist.index(of: base, remote.address) == nil else {
      return nil
    }
    // The kernel refuses to send from a loopback address to any other.
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

  /// A check ends with its pair: it would be sent again and again, and its answer means nothing.
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
