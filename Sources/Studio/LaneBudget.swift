import NIOCore

/// How many lanes this host can encode, by the share of the frame interval that encoding takes.
///
/// A lane is opened when encoding would still take less than `comfortable` with it, and one is closed when encoding has
/// taken more than `high` for `endurance`; the next is then opened after `patience` at the earliest, each time twice as
/// long.
struct LaneBudget: Sendable {
  private static let comfortable = 0.45
  private static let high = 0.65
  private static let endurance = TimeAmount.seconds(1)
  private static let shortestPatience = TimeAmount.seconds(30)
  private static let longestPatience = TimeAmount.minutes(10)

  private var load: Double?
  private var highSince: NIODeadline?
  private var closedAt: NIODeadline?
  private var patience = Self.shortestPatience

  /// Whether another lane can be encoded.
  ///
  /// - Parameter part: what it will take at most, in parts of the best one's bitrate.
  func affords(part: Double, now: NIODeadline) -> Bool {
    guard let load, closedAt.map({ now - $0 >= patience }) ?? true else { return false }
    return load * (1 + part) < Self.comfortable
  }

  /// - Parameters:
  ///   - load: the share of the frame interval that encoding takes; nil until it is known.
  ///   - lanes: how many lanes are encoded.
  /// - Returns: whether one of them has to be closed.
  mutating func record(load: Double?, lanes: Int, now: NIODeadline) -> Bool {
    self.load = load
    guard let load, load > Self.high, lanes > 1 else {
      highSince = nil
      return false
    }
    let since = highSince ?? now
    highSince = since
    guard now - since >= Self.endurance else { return false }
    highSince = nil
    if closedAt != nil { patience = min(patience * 2, Self.longestPatience) }
    closedAt = now
    return true
  }
}
