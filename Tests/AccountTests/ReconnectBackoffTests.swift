import NIOCore
import TestSupport
import Testing

@testable import Account

@Suite struct ReconnectBackoffTests {
  /// Fails until this much time has passed; answers when it tried.
  private func attempts(
    _ backoff: inout ReconnectBackoff, for outage: TimeAmount, using generator: inout some RandomNumberGenerator
  ) -> [TimeAmount] {
    var clock = ManualClock()
    let start = clock.now
    var attempts: [TimeAmount] = []
    while clock.now - start < outage {
      clock.advance(by: backoff.failed(now: clock.now, using: &generator))
      attempts.append(clock.now - start)
    }
    return attempts
  }

  private func gaps(_ attempts: [TimeAmount]) -> [TimeAmount] {
    zip(attempts, [.zero] + attempts).map { $0 - $1 }
  }

  @Test("a young outage is over at most 4.4 s after the server is back, however chance falls", arguments: 0..<50)
  func young(_ seed: UInt64) {
    var backoff = ReconnectBackoff()
    var generator = SeededGenerator(seed: seed)
    let gaps = gaps(attempts(&backoff, for: .minutes(10), using: &generator))
    #expect(gaps.allSatisfy { $0 <= .milliseconds(4375) })
  }

  @Test("the first attempt comes at once, the next ones later each time")
  func grows() {
    var backoff = ReconnectBackoff()
    var generator = SeededGenerator(seed: 1)
    let gaps = gaps(attempts(&backoff, for: .seconds(3), using: &generator))
    #expect(gaps[0] < .milliseconds(700))
    #expect(zip(gaps, gaps.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test("a server that is gone for a day is not asked more than once in 45 s")
  func old() {
    var backoff = ReconnectBackoff()
    var generator = SeededGenerator(seed: 2)
    let attempts = attempts(&backoff, for: .hours(24), using: &generator)
    let late = gaps(attempts).suffix(attempts.count - attempts.count { $0 <= .minutes(12) })
    #expect(late.count > 1000)
    #expect(late.allSatisfy { (.seconds(45) ... .seconds(75)).contains($0) })
  }

  @Test("chance spreads those who lost the server together over half of the time")
  func jitter() throws {
    var generator = SeededGenerator(seed: 4)
    let delays = (0..<1000).map { _ in
      var backoff = ReconnectBackoff()
      return backoff.failed(now: ManualClock().now, using: &generator)
    }
    let (least, greatest) = (try #require(delays.min()), try #require(delays.max()))
    #expect(least >= .milliseconds(375) && least < .milliseconds(380))
    #expect(greatest <= .milliseconds(625) && greatest > .milliseconds(620))
  }

  @Test("after a success the next outage begins from the start")
  func success() {
    var backoff = ReconnectBackoff()
    var generator = SeededGenerator(seed: 3)
    _ = attempts(&backoff, for: .hours(1), using: &generator)
    backoff.succeeded(for: .minutes(1))
    let gaps = gaps(attempts(&backoff, for: .minutes(10), using: &generator))
    #expect(gaps[0] < .milliseconds(700))
    #expect(gaps.allSatisfy { $0 <= .milliseconds(4375) })
  }

  @Test("a server that takes us and drops us again and again is left alone more and more")
  func flapping() {
    var backoff = ReconnectBackoff()
    var generator = SeededGenerator(seed: 5)
    var clock = ManualClock()
    let start = clock.now
    var streams = 0
    while clock.now - start < .hours(1) {
      clock.advance(by: backoff.failed(now: clock.now, using: &generator))
      streams += 1
      clock.advance(by: .seconds(1))
      backoff.succeeded(for: .seconds(1))
    }
    // Ten minutes at up to 3.6 s each, then 50 at 46 to 76 s.
    #expect((150...300).contains(streams), "\(streams)")
  }

  @Test("who is displaced is back soon, and who is displaced again within an hour stays away for minutes")
  func displaced() {
    var backoff = ReconnectBackoff()
    var generator = SeededGenerator(seed: 6)
    var clock = ManualClock()
    let expected: [ClosedRange<TimeAmount>] = [
      .milliseconds(375) ... .milliseconds(625), .seconds(450) ... .seconds(750),
    ]
    for expected in expected {
      // A stream that lasts forgets an outage, but not who took our place.
      backoff.succeeded(for: .minutes(2))
      backoff.displaced(now: clock.now)
      let delay = backoff.failed(now: clock.now, using: &generator)
      #expect(expected.contains(delay))
      clock.advance(by: delay)
    }
    clock.advance(by: .hours(1))
    backoff.succeeded(for: .hours(1))
    backoff.displaced(now: clock.now)
    #expect(backoff.failed(now: clock.now, using: &generator) < .seconds(1))
  }
}
