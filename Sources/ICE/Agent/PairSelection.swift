import NIOCore

/// The selected pair, and whether the others have been freed for it (RFC 8445 sections 8.1.2 and 8.3).
struct PairSelection: Sendable {
  /// "the agent SHOULD wait an additional three seconds" (RFC 8445 section 8.3.1), since a peer may still nominate
  /// another pair.
  static let conclusionDelay = TimeAmount.seconds(3)

  private(set) var pair: Int?
  /// Whether the pair was nominated when it was announced last.
  private var isNominated = false
  /// The pair that a controlling peer nominated last, which need not be the selected one.
  private(set) var lastNominated: Int?
  /// When the others are to be freed, as the selected pair will have been nominated for long enough.
  private(set) var concludesAt: NIODeadline?
  /// Whether the others have been freed.
  private(set) var isConcluded = false

  /// Whether data may be sent or received on a pair: a peer that nominated another one last sends on that.
  func uses(_ id: Int) -> Bool { id == pair || id == lastNominated }

  /// Selects a pair; returns whether the pair or its nomination is new.
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

  /// Returns whether the others are to be freed now.
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

  /// Returns whether the others had been freed, and are to be used again from now on.
  mutating func reopen() -> Bool {
    concludesAt = nil
    defer { isConcluded = false }
    return isConcluded
  }
}
