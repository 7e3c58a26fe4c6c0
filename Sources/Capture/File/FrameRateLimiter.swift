import NIOCore
import Video

/// Drops frames evenly so that a stream does not exceed a rate. A slower stream passes whole, whatever its jitter.
package struct FrameRateLimiter {
  private let interval: TimeAmount
  private var due = NIODeadline.uptimeNanoseconds(0)

  /// How early a frame may be, because containers round timestamps to milliseconds.
  private static let tolerance = TimeAmount.milliseconds(1)

  package init(maximum: FrameRate) {
    interval = maximum.interval
  }

  package mutating func admits(_ time: NIODeadline) -> Bool {
    guard time + Self.tolerance >= due else { return false }
    // A late frame gives the following ones at most one interval of credit.
    due = max(due + interval, time)
    return true
  }
}
