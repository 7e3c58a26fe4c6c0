import NIOCore

/// When to send a request again over UDP, and when to give up (RFC 8489 section 6.2.1); over TCP and TLS, when to give
/// up (section 6.2.2).
package struct RetransmissionTimer: Sendable {
  /// "RTO … SHOULD be … 500 ms".
  package static let initialRTO = TimeAmount.milliseconds(500)
  /// "Rc SHOULD be configurable and SHOULD have a default of 7."
  package static let maximumTransmissions = 7
  /// "If, after the last request, a duration equal to Rm times the RTO has passed …"; "a default of 16".
  package static let finalWait: Int64 = 16

  /// "Ti … SHOULD have a default of 39.5s": as long as all transmissions over UDP take.
  package static let reliableTimeout = TimeAmount.milliseconds(39_500)

  package enum Expiry: Hashable, Sendable {
    case retransmit
    case giveUp
  }

  package private(set) var deadline: NIODeadline
  /// When the request went out first.
  package let start: NIODeadline
  private let rto: TimeAmount
  private let limit: Int
  private let finalWait: Int64
  package private(set) var transmissions = 1

  /// To be made when the request goes out for the first time.
  package init(
    now: NIODeadline, rto: TimeAmount = initialRTO, maximumTransmissions: Int = maximumTransmissions,
    finalWait: Int64 = finalWait
  ) {
    precondition(maximumTransmissions >= 1, "a request is sent at least once")
    self.rto = rto
    self.start = now
    limit = maximumTransmissions
    self.finalWait = finalWait
    deadline = now
    deadline = now + interval
  }

  /// Over a transport that loses nothing: sent once.
  package init(reliable now: NIODeadline) {
    rto = Self.initialRTO
    start = now
    limit = 1
    finalWait = Self.finalWait
    deadline = now + Self.reliableTimeout
  }

  /// nil: not yet due.
  package mutating func handleTimeout(now: NIODeadline) -> Expiry? {
    guard now >= deadline else { return nil }
    guard transmissions < limit else { return .giveUp }
    transmissions += 1
    deadline = now + interval
    return .retransmit
  }

  /// Doubled after each transmission: with the defaults a request goes out at 0, 500, 1500, 3500, 7500, 15500 and
  /// 31500 ms and has failed at 39500 ms.
  private var interval: TimeAmount {
    transmissions < limit ? rto * (1 << (transmissions - 1)) : rto * finalWait
  }
}
