import NIOCore
import TestSupport
import Testing

@testable import Account

@Suite struct TokenBucketTests {
  private static let interval = TimeAmount.seconds(10)

  /// A bucket and its clock; a class, since `#expect` takes no mutating calls.
  private final class Bucket {
    var bucket: TokenBucket
    var clock = ManualClock()

    init(_ capacity: Int) {
      bucket = TokenBucket(capacity: capacity, interval: interval, now: clock.now)
    }

    func take(at time: NIODeadline? = nil) -> Bool { bucket.take(now: time ?? clock.now) }
    func isFull() -> Bool { bucket.isFull(now: clock.now) }

    /// How many can be taken now.
    func drain() -> Int {
      var count = 0
      while count < 1000, take() { count += 1 }
      return count
    }
  }

  @Test("as many as it holds can be taken at once, and no more")
  func burst() {
    let bucket = Bucket(3)
    #expect(bucket.drain() == 3)
  }

  @Test("one comes back after the interval, not a nanosecond earlier")
  func refill() {
    let bucket = Bucket(3)
    _ = bucket.drain()
    bucket.clock.advance(by: Self.interval - .nanoseconds(1))
    #expect(!bucket.take())
    bucket.clock.advance(by: .nanoseconds(1))
    #expect(bucket.drain() == 1)
  }

  @Test("asking in vain does not put off the next one")
  func askingInVain() {
    let bucket = Bucket(1)
    _ = bucket.drain()
    var taken = 0
    for _ in 0..<100 {
      bucket.clock.advance(by: .seconds(1))
      if bucket.take() { taken += 1 }
    }
    #expect(taken == 10, "in 100 s")
  }

  @Test("what is not used does not add up beyond what it holds")
  func capacity() {
    let bucket = Bucket(3)
    _ = bucket.drain()
    bucket.clock.advance(by: .minutes(10))
    #expect(bucket.drain() == 3)
  }

  @Test("it is full again when all have come back, and only then")
  func full() {
    let bucket = Bucket(2)
    #expect(bucket.isFull())
    _ = bucket.drain()
    bucket.clock.advance(by: Self.interval)
    #expect(!bucket.isFull())
    bucket.clock.advance(by: Self.interval)
    #expect(bucket.isFull())
  }

  @Test("a time in the past takes nothing away and gives nothing")
  func past() {
    let bucket = Bucket(1)
    let earlier = bucket.clock.now - .hours(1)
    _ = bucket.drain()
    #expect(!bucket.take(at: earlier))
    bucket.clock.advance(by: Self.interval)
    #expect(bucket.take())
  }
}
