import NIOCore

/// A token bucket: so many at once, and one more each interval.
package struct TokenBucket: Sendable {
  let capacity: Int
  let interval: TimeAmount
  private var tokens: Int
  private var refilledAt: NIODeadline

  package init(capacity: Int, interval: TimeAmount, now: NIODeadline) {
    self.capacity = capacity
    self.interval = interval
    tokens = capacity
    refilledAt = now
  }

  /// False: there is none left.
  package mutating func take(now: NIODeadline) -> Bool {
    refill(now)
    guard tokens > 0 else { return false }
    tokens -= 1
    return true
  }

  /// Nothing was taken for so long that it is as good as new.
  package mutating func isFull(now: NIODeadline) -> Bool {
    refill(now)
    return tokens == capacity
  }

  private mutating func refill(_ now: NIODeadline) {
    let intervals = max(0, (now - refilledAt).nanoseconds / interval.nanoseconds)
    guard tokens + Int(clamping: intervals) < capacity else {
      tokens = capacity
      refilledAt = now
      return
    }
    tokens += Int(intervals)
    refilledAt = refilledAt + .nanoseconds(intervals * interval.nanoseconds)
  }
}
