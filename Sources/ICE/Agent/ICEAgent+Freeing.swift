import NIOCore

/// The conclusion of ICE: what the selected pair does not use is freed (RFC 8445 sections 8.1.2 and 8.3), and gathered
/// again when that pair is lost.
extension ICEAgent {
  /// Removes all other pairs once the selected one has been nominated for long enough. Its base still answers checks
  /// from anywhere, since the peer's NAT may assign it another address.
  mutating func conclude(now: NIODeadline) {
    guard let selected = selection.pair, let index = checklist.index(of: selected), checklist[index].isLive(now: now)
    else { return reopen() }
    guard checklist[index].isNominated else { return selection.postpone() }
    guard selection.conclude(now: now) else { return }
    let kept = selection
    removePairs { !kept.uses($0.id) }
    announce(.concluded)
  }

  /// The paths on which data may be sent or received.
  var pathsInUse: [(base: CandidateBase, remote: SocketAddress)] {
    checklist.pairs.filter { selection.uses($0.id) }.map { ($0.base, $0.remote.address) }
  }

  /// Whether the agent has settled on the selected pair.
  var isConcluded: Bool { selection.isConcluded }

  private mutating func reopen() {
    guard selection.reopen() else { return }
    for local in localCandidates where local.isBase { pairSignalled(with: local) }
    announce(.reopened)
  }
}
