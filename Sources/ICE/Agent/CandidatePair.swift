import NIOCore

/// A local and a remote candidate that are checked together (RFC 8445 section 6.1.2).
///
/// There is no Frozen state: with a single component there is one pair per foundation, unless the peer assigns
/// foundations carelessly, and then freezing would only delay its pairs.
struct CandidatePair: Sendable {
  enum State: Sendable {
    case waiting
    case inProgress
    /// The pair is in the valid list; it stays there while it is checked again.
    case succeeded
    case failed
  }

  let id: Int
  let base: CandidateBase
  /// The candidate of the base; once the pair is valid, the candidate with the address that the peer saw.
  var local: ICECandidate
  var remote: ICECandidate
  var priority: UInt64
  var state = State.waiting
  var isNominated = false
  /// The controlling peer nominated this pair before it was valid (RFC 8445 section 7.3.1.5).
  var isNominationPending = false
  /// When the peer last answered a check of this pair, which is its consent (RFC 7675 section 5.1).
  var lastResponse: NIODeadline?
  var roundTripTime: TimeAmount?
  /// The number of connectivity checks that may be sent before the peer is heard from again.
  var transmissionsLeft: Int

  var isUndecided: Bool { state == .waiting || state == .inProgress }

  func connects(_ base: CandidateBase, _ remote: SocketAddress) -> Bool {
    self.base == base && self.remote.address == remote
  }

  /// Whether both pairs have the same types of local and of remote candidate.
  func isLike(_ other: CandidatePair) -> Bool {
    local.kind == other.local.kind && local.relayProtocol == other.local.relayProtocol
      && remote.kind == other.remote.kind
  }

  /// Whether the last answer of the peer is recent enough to rely on the path.
  func isLive(now: NIODeadline) -> Bool {
    lastResponse.map { now - $0 < ConsentTimer.disconnectedAfter } ?? false
  }

  /// "pair priority = 2^32*MIN(G,D) + 2*MAX(G,D) + (G>D?1:0)" (RFC 8445 section 6.1.2.3).
  ///
  /// - Precondition: both priorities are at most 2^31 - 1; the result would overflow otherwise.
  static func priority(controlling: UInt32, controlled: UInt32) -> UInt64 {
    UInt64(min(controlling, controlled)) << 32 + 2 * UInt64(max(controlling, controlled))
      + (controlling > controlled ? 1 : 0)
  }
}
