import NIOCore

/// Concluding: what the selected pair does not use is let go (RFC 8445 sections 8.1.2 and 8.3), and taken up again
/// where that pair is lost.
extension ICEAgent {
  /// "the agent SHOULD wait an additional three seconds", since a peer may still nominate another pair.
  static let conclusionDelay = TimeAmount.seconds(3)

  /// The base in use goes on answering checks from anywhere: the peer's NAT may give it another address.
  mutating func conclude(now: NIODeadline) {
    guard let selected, let index = checklist.index(of: selected), checklist[index].isLive(now: now) else {
      concludesAt = nil
      return reopen()
    }
    guard checklist[index].isNominated else { return concludesAt = nil }
    if concludesAt == nil, !isConcluded { concludesAt = now + Self.conclusionDelay }
    guard let due = concludesAt, due <= now else { return }
    concludesAt = nil
    isConcluded = true
    // A peer that nominated another within the time sends over that one.
    let kept = [selected, lastNominated]
    removePairs { !kept.contains($0.id) }
    announce(.concluded)
  }

  /// Those that data may go or come by.
  var pathsInUse: [(base: CandidateBase, remote: SocketAddress)] {
    checklist.pairs.filter { $0.id == selected || $0.id == lastNominated }.map { ($0.base, $0.remote.address) }
  }

  private mutating func reopen() {
    guard isConcluded else { return }
    isConcluded = false
    for local in localCandidates where local.isBase { pairSignalled(with: local) }
    announce(.reopened)
  }
}
