import NIOCore

/// Whether the server is still there: it is pinged when nothing was heard of it for a while (XEP-0199).
struct ServerLiveness: Sendable {
  private let silence: TimeAmount
  private var lastHeard: NIODeadline
  /// When the server was pinged that has not answered yet.
  private var pingedAt: NIODeadline?

  init(silence: TimeAmount, now: NIODeadline) {
    self.silence = silence
    lastHeard = now
  }

  /// When the server is to be pinged; nil: it is.
  var deadline: NIODeadline? { pingedAt == nil ? lastHeard + silence : nil }

  func isSilent(now: NIODeadline) -> Bool { lastHeard + silence <= now }

  mutating func heard(now: NIODeadline) {
    lastHeard = max(lastHeard, now)
  }

  /// Whether to ping: one ping is enough.
  mutating func beginPing(now: NIODeadline) -> Bool {
    guard pingedAt == nil else { return false }
    pingedAt = now
    return true
  }

  mutating func pingAnswered() {
    pingedAt = nil
  }

  /// The ping was not answered; true: nor did anything else come.
  mutating func pingExpired() -> Bool {
    defer { pingedAt = nil }
    return pingedAt.map { lastHeard <= $0 } ?? false
  }
}
