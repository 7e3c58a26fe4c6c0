import NIOCore

/// A Binding request under way to the peer (RFC 8445 section 7.2.4, RFC 7675 section 5.1).
struct ConnectivityCheck: Sendable {
  enum Purpose: Sendable {
    case connectivity
    /// With USE-CANDIDATE.
    case nomination
    case consent
  }

  let id: TransactionID
  let pair: Int
  let base: CandidateBase
  let remote: SocketAddress
  let purpose: Purpose
  /// The role it claimed, which a 487 is about.
  let role: ICERole
  /// The PRIORITY it carried: that of a peer-reflexive candidate it may reveal.
  let priority: UInt32
  let payload: ByteBuffer
  /// nil: consent checks are never sent again.
  var timer: RetransmissionTimer?
  let sentAt: NIODeadline
  /// Its answer counts until then; a cancelled check is not sent again but may still be answered.
  let expiresAt: NIODeadline
  var isCancelled = false

  /// What Rc 7, Rm 16 and an RTO of 500 ms make (RFC 8489 section 6.2.1); no RTO makes a check last longer.
  static let lifetime = TimeAmount.milliseconds(39_500)

  var deadline: NIODeadline {
    guard !isCancelled, let timer else { return expiresAt }
    return min(timer.deadline, expiresAt)
  }

  /// Only of the first transmission it is known which one was answered.
  func roundTripTime(now: NIODeadline) -> TimeAmount? {
    timer.map(\.transmissions) ?? 1 == 1 ? now - sentAt : nil
  }
}
