import NIOCore

/// The nomination by a controlling agent: when it is due, and of which pair it is under way (RFC 8445 section 8.1.1).
struct Nomination: Sendable {
  /// How long a better pair is waited for once a direct one is valid. Data flows meanwhile.
  static let directDelay = TimeAmount.milliseconds(100)
  /// And once only a relay is: a second transmission of the direct checks, and candidates still being gathered,
  /// have a chance.
  static let relayedDelay = TimeAmount.seconds(1)

  /// The pair whose nomination is under way.
  private(set) var pair: Int?
  private var firstValidAt: NIODeadline?

  mutating func foundValidPair(now: NIODeadline) {
    firstValidAt = firstValidAt ?? now
  }

  /// When to nominate the best valid pair; nil: there is none, or one is being nominated.
  ///
  /// - Parameters:
  ///   - isRelayed: the pair may lead over a relay.
  ///   - canImprove: a pair that is no worse is still being checked.
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

  /// The pair is lost, so that another may be nominated.
  mutating func end(of pair: Int) {
    if self.pair == pair { self.pair = nil }
  }
}
