import NIOCore

/// Freeing what the selected pair does not use (RFC 8445 section 8.3), and gathering it anew where that pair is lost.
///
/// Sockets stay: they cost nothing, and a peer that moves may come to any of them.
extension ICETransport {
  mutating func freeUnused(now: NIODeadline) {
    guard let used = agent.selectedPath?.base else { return }
    for entry in endpoints { bindings.cancel(entry.endpoint) }
    freed += gathering.filter { configuration.servers[$0.server].kind != .stun }
    gathering.removeAll()
    for index in relays.indices where relays[index].base != used && relays[index].client.isActive {
      let relay = relays[index]
      relays[index].free(now: now)
      forget(relay.base, now: now)
      if let server = configuration.servers.firstIndex(of: relay.server) {
        freed.append((relay.base.endpoint, server))
      }
    }
  }

  mutating func gatherFreed(now: NIODeadline) {
    guard !freed.isEmpty else { return }
    gathering.append(contentsOf: freed)
    freed.removeAll()
    isGathering = true
    gather(now: now)
  }

  /// Its candidates may be announced again.
  mutating func forget(_ base: CandidateBase, now: NIODeadline) {
    for lost in agent.localCandidates where lost.base == base { announced.remove(lost.candidate.address) }
    agent.removeBase(base, now: now)
  }
}
