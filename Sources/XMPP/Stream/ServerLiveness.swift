import NIOCore

/// Whether the server still responds: it is pinged if nothing was received for a while (XEP-0199).
struct ServerLiveness: Sendable {
  private let silence: TimeAmount
  private var lastHeard: NIODeadline
  /// When the server was pinged, while it has not answered; nil otherwise.
  private var pingedAt: NIODeadline?

  init(silence: TimeAmount, now: NIODeadline) {
    self.silence = silence
    lastHeard = now
  }

  /// When the server is to be pinged; nil while a ping is unanswered.
  var deadline: NIODeadline? { pingedAt == nil ? lastHeard + silence : nil }

  func isSilent(now: NIODeadline) -> Bool { lastHeard + silence <= now }

  mutating func heard(now: NIODeadline) {
    lastHeard = max(lastHeard, now)
  }

  /// Starts a ping; returns false if one is unanswered already.
  mutating func beginPing(now: NIODeadline) -> Bool {
    guard pingedAt == nil else { return false }
    pingedAt = now
    return true
  }

  mutating func pingAnswered() {
    pingedAt = nil
  }

  /// Ends an unanswered ping; returns true if nothing else was received since it was sent.
  mutating func pingExpired() -> Bool {
    defer { pingedAt = nil }
    return pingedAt.map { lastHeard <= $0 } ?? false
  }
}
