import NIOCore

/// A Binding request to the peer that awaits its response (RFC 8445 section 7.2.4, RFC 7675 section 5.1).
struct ConnectivityCheck: Sendable {
  enum Purpose: Hashable, Sendable {
    case connectivity
    /// A check with USE-CANDIDATE.
    case nomination
    case consent
    /// The measurement of a round-trip time, by the number that the caller gave it.
    case measurement(Int)

    /// Whether the pair is in use already. Such a check is never sent again, and fails nothing if it is not answered.
    var isOfPairInUse: Bool {
      switch self {
      case .connectivity, .nomination: false
      case .consent, .measurement: true
      }
    }

    /// Until when a response is accepted.
    var lifetime: TimeAmount {
      switch self {
      case .connectivity, .nomination: ConnectivityCheck.lifetime
      case .consent: ConsentTimer.expiry
      case .measurement: ConnectivityCheck.measurementLifetime
      }
    }
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
  /// The timer of its retransmissions; nil for a check of a pair in use.
  var timer: RetransmissionTimer?
  let sentAt: NIODeadline
  /// Until when a response is accepted. A cancelled check is not sent again, but it may still be answered.
  let expiresAt: NIODeadline
  var isCancelled = false

  /// The lifetime of a check: what Rc 7, Rm 16 and an RTO of 500 ms result in (RFC 8489 section 6.2.1). A longer RTO
  /// does not extend it.
  static let lifetime = TimeAmount.milliseconds(39_500)
  /// A round-trip time that is longer tells nothing new.
  static let measurementLifetime = TimeAmount.seconds(2)

  var deadline: NIODeadline {
    guard !isCancelled, let timer else { return expiresAt }
    return min(timer.deadline, expiresAt)
  }

  /// The round-trip time; nil after a retransmission, since it is unknown which transmission was answered.
  func roundTripTime(now: NIODeadline) -> TimeAmount? {
    timer.map(\.transmissions) ?? 1 == 1 ? now - sentAt : nil
  }
}
