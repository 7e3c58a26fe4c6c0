import NIOCore

/// When a picture of a live stream is shown that comes in pieces of seconds at a time: as far from the one before as its
/// timestamp says. One that comes late is shown at once, and those behind it as much later.
struct LivePacer {
  /// Nanoseconds from timestamps to the clock.
  private var offset: Int64?

  /// So late is as good as in time.
  private static let tolerance: Int64 = 100_000_000
  /// Timestamps that jump further are of another stream.
  private static let longestWait: Int64 = 30_000_000_000

  /// - Parameter timestamp: in nanoseconds; `nil` where there is none.
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
