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

  mutating func take(now: NIODeadline) -> Bool { bucket.take(now: now) }
}
