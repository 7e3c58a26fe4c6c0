import NIOCore
import Video

/// Selects the pictures of a camera that are shown: those at the requested rate, and of waiting ones the last.
struct PictureSelection {
  private var limiter: FrameRateLimiter?
  /// The number of consecutive pictures that were decoded but not shown.
  private var leftOut = 0

  private static let mostLeftOut = 8

  /// - Parameter maximum: the highest rate; nil to show every picture.
  init(maximum: FrameRate?) {
    limiter = maximum.map { FrameRateLimiter(maximum: $0) }
  }

  mutating func admits(_ captureTime: NIODeadline, notBefore earliest: NIODeadline) -> Bool {
    captureTime >= earliest && limiter?.admits(captureTime) ?? true
  }

  /// Returns whether a picture is skipped for the next one. The number of consecutive skips is limited, so that a
  /// computer that is too slow to decode all of them shows some.
  ///
  /// - Parameter hasMore: whether the next picture is waiting already.
  mutating func isBehind(hasMore: Bool) -> Bool {
    guard leftOut < Self.mostLeftOut, hasMore else {
      leftOut = 0
      return false
    }
    leftOut += 1
    return true
  }
}
