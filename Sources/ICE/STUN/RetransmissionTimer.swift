import NIOCore

/// The times at which a request is sent again over UDP and at which its transaction fails (RFC 8489 section 6.2.1).
/// Over TCP and TLS it is not sent again (section 6.2.2).
package struct RetransmissionTimer: Sendable {
  /// The first retransmission timeout: "RTO … SHOULD be … 500 ms".
  package static let initialRTO = TimeAmount.milliseconds(500)
  /// The greatest number of transmissions: "Rc SHOULD be configurable and SHOULD have a default of 7."
  package static let maximumTransmissions = 7
  /// The factor Rm, "a default of 16": "If, after the last request, a duration equal to Rm times the RTO has passed",
  /// the transaction has failed.
  package static let finalWait: Int64 = 16

  /// The timeout over TCP and TLS: "Ti … SHOULD have a default of 39.5s", which is as long as all transmissions over
  /// UDP take.
  package static let reliableTimeout = TimeAmount.milliseconds(39_500)

  package enum Expiry: Hashable, Sendable {
    case retransmit
    case giveUp
  }

  package private(set) var deadline: NIODeadline
  /// When the request was sent first.
  package let start: NIODeadline
  private let rto: TimeAmount
  private let limit: Int
  private let finalWait: Int64
  package private(set) var transmissions = 1

  /// Starts the timer of a request that is sent over UDP for the first time at `now`.
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

  /// Starts the timer of a request that is sent over TCP or TLS, where nothing is lost and it is sent only once.
  package init(reliable now: NIODeadline) {
    rto = Self.initialRTO
    start = now
    limit = 1
    finalWait = Self.finalWait
    deadline = now + Self.reliableTimeout
  }

  /// Returns what to do if the deadline has passed, and nil before.
  package mutating func handleTimeout(now: NIODeadline) -> Expiry? {
    guard now >= deadline else { return nil }
    guard transmissions < limit else { return .giveUp }
    transmissions += 1
    deadline = now + interval
    return .retransmit
  }

  /// The time until the next deadline, which doubles with each transmission. With the defaults a request is sent at 0,
  /// 500, 1500, 3500, 7500, 15500 and 31500 ms and has failed at 39500 ms.
  private var interval: TimeAmount {
    transmissions < limit ? rto * (1 << (transmissions - 1)) : rto * finalWait
  }
}
