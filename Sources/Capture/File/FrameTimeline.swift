import NIOCore

/// Converts a file's timestamps to times since playback started. These grow monotonically across the rounds of a loop,
/// missing timestamps and jumps.
struct FrameTimeline {
  /// All values are in nanoseconds.
  private let interval: Int64
  private var offset: Int64 = 0
  private var isAnchored = false
  private var last: Int64 = -1
  private var next: Int64 = 0

  /// A longer gap between two frames is treated as an error of the file and skipped.
  private static let longestPause: Int64 = 60_000_000_000
  /// About seventy years in each direction, so that sums cannot overflow.
  private static let representable = -(1 << 61)...(Int64(1) << 61)

  init(interval: TimeAmount) {
    self.interval = interval.nanoseconds
  }

  /// Makes the next frame follow the last one, whatever its timestamp.
  mutating func restart() {
    isAnchored = false
  }

  /// - Parameters:
  ///   - timestamp: in nanoseconds, or `nil` if the file has none.
  ///   - duration: in nanoseconds, or `nil` if the file has none.
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
