import NIOCore
import Video

/// Thins a stream of frames to at most one in each interval of a rate, evenly.
struct FrameRateLimiter {
  private let maximum: FrameRate
  private var lastSlot: Int64 = -1

  /// Containers round their timestamps to milliseconds; a frame that comes so much early is in time.
  private static let tolerance: UInt64 = 1_000_000

  init(maximum: FrameRate) {
    self.maximum = maximum
  }

  mutating func admits(_ time: NIODeadline) -> Bool {
    let elapsed = Double(time.uptimeNanoseconds + Self.tolerance) / 1e9
    let slot = Int64(elapsed * maximum.framesPerSecond)
    guard slot > lastSlot else { return false }
    lastSlot = slot
    return true
  }
}
