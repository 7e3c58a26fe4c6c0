import NIOCore

/// A local and a remote candidate that may work together (RFC 8445 section 6.1.2).
///
/// There is no Frozen state: a component of its own has one pair a foundation, unless the peer numbers its
/// candidates carelessly, and then freezing would only starve it.
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
  /// The base's candidate at first; the one whose address the peer saw once the pair is valid.
  var local: ICECandidate
  var remote: ICECandidate
  var priority: UInt64
  var state = State.waiting
  var isNominated = false
  /// The controlling peer asked for this pair before it was valid (RFC 8445 section 7.3.1.5).
  var isNominationPending = false
  /// When the peer last answered on this pair: its consent (RFC 7675 section 5.1).
  var lastResponse: NIODeadline?
  var roundTripTime: TimeAmount?
  /// How often connectivity checks may still be sent before the peer is heard of again.
  var transmissionsLeft: Int

  var isUndecided: Bool { state == .waiting || state == .inProgress }

  func connects(_ base: CandidateBase, _ remote: SocketAddress) -> Bool {
    self.base == base && self.remote.address == remote
  }

  /// Whether both go from the same kind of candidate to the same.
  func isLike(_ other: CandidatePair) -> Bool {
    local.kind == other.local.kind && local.relayProtocol == other.local.relayProtocol
      && remote.kind == other.remote.kind
  }

  /// Whether the peer answered lately enough to trust the path.
  func isLive(now: NIODeadline) -> Bool {
    lastResponse.map { now - $0 < ConsentTimer.disconnectedAfter } ?? false
  }

  /// "pair priority = 2^32*MIN(G,D) + 2*MAX(G,D) + (G>D?1:0)" (RFC 8445 section 6.1.2.3).
  ///
  /// - Precondition: both are at most 2^31 - 1, or the sum would not fit.
  static func priority(controlling: UInt32, controlled: UInt32) -> UInt64 {
    UInt64(min(controlling, controlled)) << 32 + 2 * UInt64(max(controlling, controlled))
      + (controlling > controlled ? 1 : 0)
  }
}
