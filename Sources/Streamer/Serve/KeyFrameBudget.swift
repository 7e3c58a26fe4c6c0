import Account
import NIOCore

/// How often one of several viewers may have a key frame made, since all of them pay for it.
struct KeyFrameBudget: Sendable {
  /// Two at once: for the beginning, and for a loss right after it.
  private static let atOnce = 2
  private static let interval = TimeAmount.seconds(4)

  private var bucket: TokenBucket

  init(now: NIODeadline) {
    bucket = TokenBucket(capacity: Self.atOnce, interval: Self.interval, now: now)
  }

  /// - Parameter watching: how many do; alone, nobody else pays.
  mutating func take(watching: Int, now: NIODeadline) -> Bool { bucket.take(now: now) || watching < 2 }
}
