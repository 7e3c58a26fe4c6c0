import NIOCore

/// What the selected pair does not use is freed (RFC 8445 section 8.3), and gathered again if that pair is lost.
///
/// Sockets stay open: they cost nothing, and a peer that moves may send to any of them.
extension ICETransport {
  mutating func freeUnused(now: NIODeadline) {
    let used = agents.current.pathsInUse
    for entry in endpoints.entries { bindings.cancel(entry.endpoint) }
    let servers = configuration.servers
    gathering.suspend { servers[$0.server].kind != .stun }
    for index in relays.indices where relays[index].isActive {
      let relay = relays[index]
      let peers = used.filter { $0.base == relay.base }.map(\.remote)
      guard peers.isEmpty else {
        relays[index].client.keep(peers, now: now)
        continue
      }
      free(index, now: now)
      forget(relay.base, now: now)
      gathering.reserve(relay.task)
    }
  }

  mutating func gatherSpare() {
    let tasks = gathering.takeSpare()
    guard !tasks.isEmpty else { return }
    gathering.begin()
    enqueue(tasks)
  }

  /// Removes a base, whose candidates may then be announced again.
  mutating func forget(_ base: CandidateBase, now: NIODeadline) {
    for lost in agents.current.localCandidates where lost.base == base { candidates.forget(lost.candidate.address) }
    agents.removeBase(base, now: now)
  }
}
