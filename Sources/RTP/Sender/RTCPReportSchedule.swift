import NIOCore

/// The times of the RTCP reports (RFC 3550 section 6.2) in a session of two participants.
package struct RTCPReportSchedule: Sendable {
  /// The report interval. The minimum of RFC 3550 section 6.2 "MAY be scaled to a smaller value inversely proportional
  /// to the session bandwidth": 360 divided by the bandwidth in kilobits per second, which is one second at 360 kbit/s.
  package static let interval = TimeAmount.seconds(1)

  private var next: NIODeadline?

  package init() {}

  /// Makes the first report due at once: for unicast "the delay before sending the initial compound RTCP packet MAY be
  /// zero" (RFC 3550 section 6.2). Later calls have no effect.
  package mutating func start(now: NIODeadline) {
    if next == nil {
      next = now
    }
  }

  /// Returns whether a report is due and, if so, schedules the next one after 0.5 to 1.5 times the interval, "to avoid
  /// unintended synchronization of all participants" (RFC 3550 section 6.2).
  package mutating func handleTimeout(now: NIODeadline, using generator: inout some RandomNumberGenerator) -> Bool {
    guard let next, now >= next else { return false }
    let interval = Self.interval.nanoseconds
    self.next = now + .nanoseconds(Int64.random(in: interval / 2...interval * 3 / 2, using: &generator))
    return true
  }

  package var deadline: NIODeadline? {
    next
  }
}
