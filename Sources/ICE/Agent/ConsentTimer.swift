import NIOCore

/// When to ask for consent, and when it has expired (RFC 7675 section 5.1).
struct ConsentTimer: Sendable {
  /// "Consent expires after 30 seconds."
  static let expiry = TimeAmount.seconds(30)
  /// Two checks in a row without an answer: W3C's `disconnected`, "connectivity is currently lost".
  static let disconnectedAfter = TimeAmount.seconds(13)

  private var checkAt: NIODeadline?
  /// Set once data could flow; outlives the pair it was given on.
  private var expiresAt: NIODeadline?

  /// Whether there was ever consent.
  var isGiven: Bool { expiresAt != nil }

  func isExpired(now: NIODeadline) -> Bool { expiresAt.map { $0 <= now } ?? false }

  /// - Parameter hasPair: there is a pair to ask on.
  func deadline(hasPair: Bool) -> NIODeadline? {
    guard let expiresAt else { return nil }
    guard hasPair, let checkAt else { return expiresAt }
    return min(expiresAt, checkAt)
  }

  /// The peer answered at that time, which may be before an answer on another pair.
  mutating func renew(at time: NIODeadline) {
    let expiry = time + Self.expiry
    expiresAt = max(expiresAt ?? expiry, expiry)
  }

  mutating func start(now: NIODeadline, using generator: inout some RandomNumberGenerator) {
    if checkAt == nil { checkAt = now + Self.interval(using: &generator) }
  }

  /// Whether to ask now, after which the next time is set.
  mutating func takeCheck(now: NIODeadline, using generator: inout some RandomNumberGenerator) -> Bool {
    guard let due = checkAt, due <= now else { return false }
    checkAt = now + Self.interval(using: &generator)
    return true
  }

  /// "Implementations SHOULD set a default interval of 5 seconds … randomized from between 0.8 and 1.2".
  private static func interval(using generator: inout some RandomNumberGenerator) -> TimeAmount {
    .milliseconds(Int64.random(in: 4_000...6_000, using: &generator))
  }
}
