import NIOCore

/// When to ask for consent, and when it has expired (RFC 7675 section 5.1).
enum ConsentTimer {
  /// "Implementations SHOULD set a default interval of 5 seconds … randomized from between 0.8 and 1.2".
  static func interval(using generator: inout some RandomNumberGenerator) -> TimeAmount {
    .milliseconds(Int64.random(in: 4_000...6_000, using: &generator))
  }

  /// "Consent expires after 30 seconds."
  static let expiry = TimeAmount.seconds(30)
  /// Two checks in a row without an answer: W3C's `disconnected`, "connectivity is currently lost".
  static let disconnectedAfter = TimeAmount.seconds(13)
}
