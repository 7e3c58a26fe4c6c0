import NIOCore

/// Turns a file's timestamps into times from the start of the showing, which only grow: over the file's end into its
/// next round, over missing timestamps and over jumps.
struct FrameTimeline {
  /// Nanoseconds, all of them.
  private let interval: Int64
  private var offset: Int64 = 0
  private var isAnchored = false
  private var last: Int64 = -1
  private var next: Int64 = 0

  /// A longer pause than this between two frames is a fault of the file and not meant to be waited for.
  private static let longestPause: Int64 = 60_000_000_000
  /// Some seventy years either way, so that sums cannot overflow.
  private static let representable = -(1 << 61)...(Int64(1) << 61)

  init(interval: TimeAmount) {
    self.interval = interval.nanoseconds
  }

  /// The next timestamp follows the last frame, whatever it says.
  mutating func restart() {
    isAnchored = false
  }

  /// `timestamp` and `duration` are in nanoseconds; `nil` where the file has none.
  mutating func captureTime(timestamp: Int64?, duration: Int64?) -> NIODeadline {
    var time = next
    if let timestamp, Self.representable.contains(timestamp) {
      let shown = timestamp + offset
      if isAnchored, shown > last, shown - last <= Self.longestPause {
        time = shown
      } else {
        offset = next - timestamp
        isAnchored = true
      }
    }
    last = time
    next = time + (duration.flatMap { (1...Self.longestPause).contains($0) ? $0 : nil } ?? interval)
    return .uptimeNanoseconds(UInt64(time))
  }
}
