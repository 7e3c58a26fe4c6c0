import NIOCore

/// The times of the consent checks and of the expiry of consent (RFC 7675 section 5.1).
struct ConsentTimer: Sendable {
  /// "Consent expires after 30 seconds" (RFC 7675 section 5.1).
  static let expiry = TimeAmount.seconds(30)
  /// Two checks in a row are unanswered by then, which is W3C's `disconnected`: "connectivity is currently lost".
  static let disconnectedAfter = TimeAmount.seconds(13)

  private var checkAt: NIODeadline?
  /// When consent expires. It is set once data can be sent, and stays valid when another pair is selected.
  private var expiresAt: NIODeadline?

  /// Whether the peer has ever given consent.
  var isGiven: Bool { expiresAt != nil }

  func isExpired(now: NIODeadline) -> Bool { expiresAt.map { $0 <= now } ?? false }

  /// When the next check is due or, without a pair to check, when consent expires.
  ///
  /// - Parameter hasPair: whether there is a selected pair.
  func deadline(hasPair: Bool) -> NIODeadline? {
    guard let expiresAt else { return nil }
    guard hasPair, let checkAt else { return expiresAt }
    return min(expiresAt, checkAt)
  }

  /// Extends consent after an answer at `time`, which may be earlier than an answer on another pair.
  mutating func renew(at time: NIODeadline) {
    let expiry = time + Self.expiry
    expiresAt = max(expiresAt ?? expiry, expiry)
  }

  mutating func start(now: NIODeadline, using generator: inout some RandomNumberGenerator) {
    if checkAt == nil { checkAt = now + Self.interval(using: &generator) }
  }

  /// Returns whether a consent check is due and, if so, schedules the next one.
  mutating func takeCheck(now: NIODeadline, using generator: inout some RandomNumberGenerator) -> Bool {
    guard let due = checkAt, due <= now else { return false }
    checkAt = now + Self.interval(using: &generator)
    return true
  }

  /// "Implementations SHOULD set a default interval of 5 seconds … randomized from between 0.8 and 1.2" (RFC 7675
  /// section 5.1).
  private static func interval(using generator: inout some RandomNumberGenerator) -> TimeAmount {
    .milliseconds(Int64.random(in: 4_000...6_000, using: &generator))
  }
}
