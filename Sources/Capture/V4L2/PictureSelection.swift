import NIOCore
import Video

/// Which pictures of a camera are shown: those that were asked for, at the rate that was asked for, and of those that
/// wait the last.
struct PictureSelection {
  private var limiter: FrameRateLimiter?
  /// The pictures that were decoded and not shown, one after the other.
  private var leftOut = 0

  private static let mostLeftOut = 8

  /// - Parameter maximum: nil where every picture is shown.
  init(maximum: FrameRate?) {
    limiter = maximum.map { FrameRateLimiter(maximum: $0) }
  }

  mutating func admits(_ captureTime: NIODeadline, notBefore earliest: NIODeadline) -> Bool {
    captureTime >= earliest && limiter?.admits(captureTime) ?? true
  }

  /// Whether a picture is left out for the next one. Not for ever: a computer that is too slow to decode all of them
  /// shall show some.
  ///
  /// - Parameter hasMore: whether the next picture waits already.
  mutating func isBehind(hasMore: Bool) -> Bool {
    guard leftOut < Self.mostLeftOut, hasMore else {
      leftOut = 0
      return false
    }
    leftOut += 1
    return true
  }
}
