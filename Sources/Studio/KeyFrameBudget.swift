import NIOCore

/// How often one of several viewers may have a key frame made, since all of them pay for it.
struct KeyFrameBudget: Sendable {
  /// So many at once: for the beginning, where a viewer may need several until it is ready, and for a loss right after it.
  private static let atOnce: Int64 = 5
  private static let interval = TimeAmount.seconds(4)

  /// When all that was granted is paid for, an interval for each; never before now.
  private var paidAt: NIODeadline

  init(now: NIODeadline) {
    paidAt = now
  }

  /// - Parameter watching: how many do; alone, nobody else pays.
  mutating func take(watching: Int, now: NIODeadline) -> Bool {
    let debt = max(paidAt, now) - now
    let isWithin = debt.nanoseconds <= (Self.atOnce - 1) * Self.interval.nanoseconds
    if isWithin { paidAt = now + debt + Self.interval }
    return isWithin || watching < 2
  }
}
