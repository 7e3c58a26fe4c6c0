import NIOCore

/// The selected pair, and whether all others have been let go for it (RFC 8445 sections 8.1.2 and 8.3).
struct PairSelection: Sendable {
  /// "the agent SHOULD wait an additional three seconds", since a peer may still nominate another pair.
  static let conclusionDelay = TimeAmount.seconds(3)

  private(set) var pair: Int?
  /// As the pair was last announced.
  private var isNominated = false
  /// The pair that a controlling peer nominated last, which may be another.
  private(set) var lastNominated: Int?
  /// When the selected pair has been nominated for long enough, and whether it has.
  private(set) var concludesAt: NIODeadline?
  private(set) var isConcluded = false

  /// Whether data may go or come by that pair: a peer that nominated another in the end sends over that one.
  func uses(_ id: Int) -> Bool { id == pair || id == lastNominated }

  /// Whether that is news: another pair, or its nomination.
  mutating func select(_ new: CandidatePair, now: NIODeadline) -> Bool {
    guard new.id != pair || new.isNominated != isNominated else { return false }
    pair = new.id
    isNominated = new.isNominated
    concludesAt = now + Self.conclusionDelay
    return true
  }

  mutating func clear() {
    pair = nil
  }

  mutating func peerNominated(_ id: Int) {
    lastNominated = id
  }

  /// Whether it is now that the others are let go.
  mutating func conclude(now: NIODeadline) -> Bool {
    if concludesAt == nil, !isConcluded { concludesAt = now + Self.conclusionDelay }
    guard let due = concludesAt, due <= now else { return false }
    settle()
    return true
  }

  mutating func settle() {
    concludesAt = nil
    isConcluded = true
  }

  mutating func postpone() {
    concludesAt = nil
  }

  /// Whether the others had been let go, and count again.
  mutating func reopen() -> Bool {
    concludesAt = nil
    defer { isConcluded = false }
    return isConcluded
  }
}
