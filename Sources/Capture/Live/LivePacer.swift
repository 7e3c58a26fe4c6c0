import NIOCore

/// Determines when to show the pictures of a live stream that arrives in segments of several seconds. The intervals are
/// those of the timestamps. After a late picture, which is shown at once, all following ones are delayed as much.
struct LivePacer {
  /// The difference between the clock and the timestamps, in nanoseconds.
  private var offset: Int64?

  /// A delay up to this limit, in nanoseconds, does not shift the following pictures.
  private static let tolerance: Int64 = 100_000_000
  /// A larger jump of timestamps, in nanoseconds, restarts the pacing.
  private static let longestWait: Int64 = 30_000_000_000

  /// - Parameter timestamp: in nanoseconds, or `nil` if there is none.
  mutating func due(timestamp: Int64?, now: NIODeadline) -> NIODeadline {
    guard let timestamp else { return now }
    let time = Int64(now.uptimeNanoseconds)
    if let offset {
      let wait = timestamp &+ offset &- time
      if (-Self.tolerance...Self.longestWait).contains(wait) { return now + .nanoseconds(max(0, wait)) }
    }
    offset = time &- timestamp
    return now
  }
}
