import NIOCore
import Testing

@testable import Studio

@Suite("How many lanes a host can encode")
struct LaneBudgetTests {
  private var budget = LaneBudget()
  private var now = NIODeadline.uptimeNanoseconds(1_000_000_000)

  /// - Returns: after how many seconds a lane had to be closed.
  private mutating func record(load: Double, seconds: Int, lanes: Int = 2) -> Double? {
    var closed: Double?
    for frame in 0..<seconds * 25 {
      if budget.record(load: load, lanes: lanes, now: now), closed == nil { closed = Double(frame) / 25 }
      now = now + .milliseconds(40)
    }
    return closed
  }

  @Test("none is opened before it is known what one takes")
  func unknown() {
    #expect(!budget.affords(part: 0, now: now))
  }

  @Test("one is opened when it fits with what is encoded already")
  mutating func affords() {
    _ = record(load: 0.3, seconds: 1)
    #expect(budget.affords(part: 0.4, now: now))
    #expect(!budget.affords(part: 0.6, now: now))
    _ = record(load: 0.2, seconds: 1)
    #expect(budget.affords(part: 1, now: now))
  }

  @Test("one is closed when encoding has taken too long for a second; a moment is no reason")
  mutating func closes() {
    let closed = [
      record(load: 0.7, seconds: 1), record(load: 0.6, seconds: 5), record(load: 0.7, seconds: 2),
      record(load: 2, seconds: 5, lanes: 1),
    ]
    #expect(closed == [nil, nil, 1, nil])
  }

  @Test("after one was closed none is opened for half a minute, and twice as long after the second time")
  mutating func patience() {
    for wait: Int64 in [30, 60, 120] {
      _ = record(load: 0.7, seconds: 1)
      let isClosed = budget.record(load: 0.7, lanes: 2, now: now)
      #expect(isClosed)
      let closed = now
      _ = record(load: 0.1, seconds: 1)
      #expect(!budget.affords(part: 0.1, now: closed + .seconds(wait) - .seconds(1)))
      #expect(budget.affords(part: 0.1, now: closed + .seconds(wait)))
    }
  }
}
