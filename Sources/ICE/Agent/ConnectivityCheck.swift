import NIOCore

/// A Binding request to the peer that awaits its response (RFC 8445 section 7.2.4, RFC 7675 section 5.1).
struct ConnectivityCheck: Sendable {
  enum Purpose: Sendable {
    case connectivity
    /// A check with USE-CANDIDATE.
    case nomination
    case consent
  }

  let id: TransactionID
  let pair: Int
  let base: CandidateBase
  let remote: SocketAddress
  let purpose: Purpose
  /// The role that the request claimed, to which a 487 response refers.
  let role: ICERole
  /// The value of PRIORITY, which becomes the priority of a peer-reflexive candidate that the check reveals.
  let priority: UInt32
  let payload: ByteBuffer
  /// The timer of its retransmissions; nil for a consent check, which is never sent again.
  var timer: RetransmissionTimer?
  let sentAt: NIODeadline
  /// Until when a response is accepted. A cancelled check is not sent again, but it may still be answered.
  let expiresAt: NIODeadline
  var isCancelled = false

  /// The lifetime of a check: what Rc 7, Rm 16 and an RTO of 500 ms result in (RFC 8489 section 6.2.1). A longer RTO
  /// does not extend it.
  static let lifetime = TimeAmount.milliseconds(39_500)

  var deadline: NIODeadline {
    guard !isCancelled, let timer else { return expiresAt }
    return min(timer.deadline, expiresAt)
  }

  /// The round-trip time; nil after a retransmission, since it is unknown which transmission was answered.
  func roundTripTime(now: NIODeadline) -> TimeAmount? {
    timer.map(\.transmissions) ?? 1 == 1 ? now - sentAt : nil
  }
}
