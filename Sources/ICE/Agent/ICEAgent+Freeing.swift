import NIOCore

/// Concluding: what the selected pair does not use is let go (RFC 8445 sections 8.1.2 and 8.3), and taken up again
/// where that pair is lost.
extension ICEAgent {
  /// The base in use goes on answering checks from anywhere: the peer's NAT may give it another address.
  mutating func conclude(now: NIODeadline) {
    guard let selected = selection.pair, let index = checklist.index(of: selected), checklist[index].isLive(now: now)
    else { return reopen() }
    guard checklist[index].isNominated else { return selection.postpone() }
    guard selection.conclude(now: now) else { return }
    let kept = selection
    removePairs { !kept.uses($0.id) }
    announce(.concluded)
  }

  /// Those that data may go or come by.
  var pathsInUse: [(base: CandidateBase, remote: SocketAddress)] {
    checklist.pairs.filter { selection.uses($0.id) }.map { ($0.base, $0.remote.address) }
  }

  /// Whether no other pair is looked for.
  var isConcluded: Bool { selection.isConcluded }

  private mutating func reopen() {
    guard selection.reopen() else { return }
    for local in localCandidates where local.isBase { pairSignalled(with: local) }
    announce(.reopened)
  }
}
