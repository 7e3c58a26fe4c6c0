import NIOCore
import Testing

@testable import RTP

@Suite struct SendWindowTests {
  private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
  private static let rate = 10e6

  /// Which packets of 1,200 bytes, of so many that are sent as soon as they may be, leave without those before them.
  private func departures(of count: Int, throughput: Double, hasWord: Bool = true) -> [Int] {
    var window = SendWindow(now: Self.start)
    if hasWord { _ = window.wordCame(now: Self.start) }
    var (now, departures) = (Self.start, [0])
    for number in 0..<count {
      let due = window.nextSendTime(rate: Self.rate, burst: 0.04, throughput: throughput)
      if due > now {
        departures.append(number)
        now = due
      }
      window.sent(1_200, rate: Self.rate, pace: nil, now: now)
    }
    return departures
  }

  @Test func `on a path that has more than is sent, what is due within five milliseconds leaves at once`() {
    // A packet each 0.48 ms, at twice the rate of the path.
    #expect(departures(of: 24, throughput: 0.5 * Self.rate) == [0, 11, 22])
  }

  @Test func `on a path that is used whole, each packet leaves when it is due`() {
    #expect(departures(of: 24, throughput: 0.9 * Self.rate) == Array(0..<24))
  }

  @Test func `before the peer has told of the path, each packet leaves when it is due`() {
    #expect(departures(of: 24, throughput: 0, hasWord: false) == Array(0..<24))
  }

  @Test func `where the bottleneck is to be left idle, the next packet waits for that`() {
    var window = SendWindow(now: Self.start)
    let later = Self.start + .seconds(5)
    _ = window.wordCame(now: later)
    window.sent(1_200, rate: 1e6, pace: nil, now: later)
    window.planIdle(isQueued: false, now: later)
    #expect(window.awaitsIdle)
    #expect(window.nextSendTime(rate: 1e6, burst: 0.04, throughput: 0) >= later + .microseconds(9_600))
  }
}
