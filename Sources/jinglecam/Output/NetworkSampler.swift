import Call
import NIOCore

/// Makes lines of what is known of a call, or of several one after the other.
struct NetworkSampler {
  private var start: NIODeadline?
  private var former: (statistics: CallStatistics, time: NIODeadline)?

  /// - Parameter streamingSince: when the pictures of the call began.
  mutating func sample(
    _ statistics: CallStatistics, streamingSince: NIODeadline, at time: NIODeadline
  ) -> NetworkSample {
    defer { former = (statistics, time) }
    let start = start ?? streamingSince
    self.start = start
    // Another call begins to count anew.
    if former?.statistics.outboundRTP.ssrc != statistics.outboundRTP.ssrc { former = nil }
    return NetworkSample(
      statistics, since: former?.statistics, time: (Double((time - start).nanoseconds) / 1e6).rounded() / 1e3,
      interval: (time - (former?.time ?? streamingSince)).seconds)
  }
}
