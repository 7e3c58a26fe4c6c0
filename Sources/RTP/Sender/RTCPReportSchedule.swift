import NIOCore

/// When the next RTCP report is due (RFC 3550 section 6.2), for two parties on one path.
package struct RTCPReportSchedule: Sendable {
  /// RFC 3550 section 6.2: the minimum "MAY be scaled to a smaller value inversely proportional to the session
  /// bandwidth": 360 divided by the bandwidth in kilobits a second, which is one second at 360 kbit/s.
  package static let interval = TimeAmount.seconds(1)

  private var next: NIODeadline?

  package init() {}

  /// Makes the first report due at once: for unicast "the delay before sending the initial compound RTCP packet MAY be
  /// zero". Later calls change nothing.
  package mutating func start(now: NIODeadline) {
    if next == nil {
      next = now
    }
  }

  /// Whether a report is due; then the next one is set at 0.5 to 1.5 times the interval, "to avoid unintended
  /// synchronization of all participants".
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
