import NIOCore

/// Freeing what the selected pair does not use (RFC 8445 section 8.3), and gathering it anew where that pair is lost.
///
/// Sockets stay: they cost nothing, and a peer that moves may come to any of them.
extension ICETransport {
  mutating func freeUnused(now: NIODeadline) {
    let used = agent.pathsInUse
    for entry in endpoints { bindings.cancel(entry.endpoint) }
    spare += gathering.filter { isRelay($0) }
    gathering.removeAll()
    for index in relays.indices where relays[index].isActive {
      let relay = relays[index]
      let peers = used.filter { $0.base == relay.base }.map(\.remote)
      guard peers.isEmpty else {
        relays[index].client.keep(peers, now: now)
        continue
      }
      free(index, now: now)
      forget(relay.base, now: now)
      spare.append(relay.task)
    }
  }

  mutating func gatherSpare() {
    guard !spare.isEmpty else { return }
    let tasks = spare
    spare.removeAll()
    isGathering = true
    enqueue(tasks)
  }

  /// Its candidates may be announced again.
  mutating func forget(_ base: CandidateBase, now: NIODeadline) {
    for lost in agent.localCandidates where lost.base == base { announced.remove(lost.candidate.address) }
    agent.removeBase(base, now: now)
    previous?.removeBase(base, now: now)
  }
}
