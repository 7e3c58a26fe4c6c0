import NIOCore
import Video

/// Thins a stream of frames to a rate, evenly; a stream below that rate passes whole, whatever its jitter.
struct FrameRateLimiter {
  private let interval: TimeAmount
  private var due = NIODeadline.uptimeNanoseconds(0)

  /// Containers round their timestamps to milliseconds; a frame that comes so much early is in time.
  private static let tolerance = TimeAmount.milliseconds(1)

  init(maximum: FrameRate) {
    interval = maximum.interval
  }

  mutating func admits(_ time: NIODeadline) -> Bool {
    guard time + Self.tolerance >= due else { return false }
    // Late frames leave at most one interval of credit.
    due = max(due + interval, time)
    return true
  }
}
