import NIOCore

/// The nomination by a controlling agent: when it is due, and which pair is being nominated (RFC 8445 section 8.1.1).
struct Nomination: Sendable {
  /// The time to wait for a better pair once a direct one is valid. Data is sent in the meantime.
  static let directDelay = TimeAmount.milliseconds(100)
  /// The time to wait once only a relayed pair is valid: long enough for a second transmission of the direct checks,
  /// and for candidates that are still being gathered.
  static let relayedDelay = TimeAmount.seconds(1)

  /// The identifier of the pair that is being nominated.
  private(set) var pair: Int?
  private var firstValidAt: NIODeadline?

  mutating func foundValidPair(now: NIODeadline) {
    firstValidAt = firstValidAt ?? now
  }

  /// When to nominate the best valid pair; nil if there is none, or if one is being nominated.
  ///
  /// - Parameters:
  ///   - isRelayed: the pair may use a relay.
  ///   - canImprove: a pair that is at least as good is still being checked.
  func dueTime(isRelayed: Bool, canImprove: Bool) -> NIODeadline? {
    guard pair == nil, let firstValidAt else { return nil }
    if isRelayed { return firstValidAt + Self.relayedDelay }
    return canImprove ? firstValidAt + Self.directDelay : firstValidAt
  }

  mutating func begin(_ pair: Int) {
    self.pair = pair
  }

  mutating func end() {
    pair = nil
  }

  /// Ends the nomination of a pair that is lost, so that another can be nominated.
  mutating func end(of pair: Int) {
    if self.pair == pair { self.pair = nil }
  }
}
