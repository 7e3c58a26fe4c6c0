import NIOCore

/// How long a camera may give no picture until it is taken for stuck, and opened anew.
///
/// A camera that takes its time, in the dark or because it sends a picture a minute, is not stuck, and would begin again
/// each time: who needed long for one picture may need as long for the next, and each vain wait is followed by a longer one.
struct CameraPatience {
  private let least: TimeAmount
  private var limit: TimeAmount
  /// Since when a picture is waited for; `nil` while nobody does.
  private var waitingSince: NIODeadline?

  private static let most = TimeAmount.seconds(60)

  init(_ least: TimeAmount) {
    self.least = least
    limit = least
  }

  /// Begins to wait, unless that has begun.
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

  /// It was waited for in vain.
  mutating func grow() {
    limit = max(least, min(.nanoseconds(2 * limit.nanoseconds), Self.most))
  }

  /// It is opened anew.
  mutating func startOver() { waitingSince = nil }
}
