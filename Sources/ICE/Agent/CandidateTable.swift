import NIOCore

/// The candidates of both sides in one ICE generation, with the peer-reflexive ones that checks revealed; their number
/// is bounded.
struct CandidateTable: Sendable {
  /// The result of adding a candidate from the signalling.
  enum Addition: Sendable {
    case added
    /// A check had revealed the address before, so that its peer-reflexive candidate was replaced.
    case identified
    case ignored
  }

  private(set) var local: [ICEAgent.LocalCandidate] = []
  private(set) var remote: [ICECandidate] = []
  private var peerReflexiveCount = 0

  func base(of base: CandidateBase) -> ICECandidate? {
    local.first { $0.base == base && $0.isBase }?.candidate
  }

  /// Adds a local candidate; returns nil if the base has one with this address already.
  mutating func addLocal(_ candidate: ICECandidate, base: CandidateBase) -> ICEAgent.LocalCandidate? {
    guard !local.contains(where: { $0.base == base && $0.candidate.address == candidate.address }) else { return nil }
    let new = ICEAgent.LocalCandidate(base: base, candidate: candidate)
    local.append(new)
    return new
  }

  mutating func removeLocal(of base: CandidateBase) {
    local.removeAll { $0.base == base }
  }

  /// Adds a remote candidate, unless there are too many or its address is known already.
  mutating func addRemote(_ candidate: ICECandidate) -> Addition {
    guard let known = remote.firstIndex(where: { $0.address == candidate.address }) else {
      guard remote.count < ICEAgent.maximumSignalledCandidates else { return .ignored }
      remote.append(candidate)
      return .added
    }
    guard remote[known].kind == .peerReflexive, candidate.kind != .peerReflexive else { return .ignored }
    remote[known] = candidate
    return .identified
  }

  var isFull: Bool { remote.count >= ICEAgent.maximumRemoteCandidates }

  /// Returns the candidate with the source address of a request, a new peer-reflexive one if need be (RFC 8445 section
  /// 7.3.1.3); nil if there are too many candidates.
  mutating func remote(at source: SocketAddress, priority: UInt32) -> ICECandidate? {
    if let known = remote.first(where: { $0.address == source }) { return known }
    guard !isFull else { return nil }
    let revealed = ICECandidate(
      foundation: makeFoundation(), priority: min(priority, ICEAgent.maximumPriority), address: source,
      kind: .peerReflexive)
    remote.append(revealed)
    return revealed
  }

  /// Returns the local candidate with an address of ours that the peer saw, a peer-reflexive one if it is new (RFC 8445
  /// section 7.2.5.3.1). Also a relay may be seen at another address than it says, if there is a NAT before it.
  mutating func local(
    at mapped: SocketAddress, on base: CandidateBase, priority: UInt32, related: SocketAddress
  ) -> ICECandidate {
    if let known = local.first(where: { $0.base == base && $0.candidate.address == mapped }) { return known.candidate }
    return ICECandidate(
      foundation: makeFoundation(), priority: priority, address: mapped, kind: .peerReflexive, relatedAddress: related,
      relayProtocol: self.base(of: base)?.relayProtocol)
  }

  /// Removes the peer-reflexive candidates that belong to no pair any longer.
  mutating func forgetRevealed(besides addresses: Set<SocketAddress>) {
    remote.removeAll { $0.kind == .peerReflexive && !addresses.contains($0.address) }
  }

  /// Removes all candidates but those of one path.
  mutating func keep(_ path: (base: CandidateBase, remote: SocketAddress)?) {
    local.removeAll { $0.base != path?.base }
    remote.removeAll { $0.address != path?.remote }
  }

  private mutating func makeFoundation() -> String {
    peerReflexiveCount += 1
    return "prflx\(peerReflexiveCount)"
  }
}
