import NIOCore

/// The time for which a camera may provide no picture before it is considered stuck and opened again.
///
/// A camera that is slow, because it is dark or because it sends a picture a minute, is not stuck, and opening it again
/// would only restart the wait. A camera that needed long for one picture may need as long for the next, so that the
/// time adapts to it, and each wait without a picture is followed by a longer one.
struct CameraPatience {
  private let least: TimeAmount
  private var limit: TimeAmount
  /// When the current wait began; nil if there is none.
  private var waitingSince: NIODeadline?

  private static let most = TimeAmount.seconds(60)

  init(_ least: TimeAmount) {
    self.least = least
    limit = least
  }

  /// Begins a wait, unless there is one, and returns when it ends.
  mutating func stuckAt(now: NIODeadline) -> NIODeadline {
    let since = waitingSince ?? now
    waitingSince = since
    return since + limit
  }

  mutating func sawPicture(now: NIODeadline) {
    guard let since = waitingSince else { return }
    waitingSince = nil
    let waited = min(now - since, Self.most)
    limit = max(least, min(.nanoseconds(3 * waited.nanoseconds), Self.most))
  }

  /// Extends the time after a wait without a picture.
  mutating func grow() {
    limit = max(least, min(.nanoseconds(2 * limit.nanoseconds), Self.most))
  }

  /// Ends the wait, since the camera is opened again.
  mutating func startOver() { waitingSince = nil }
}
