import NIOCore
import TestSupport
import Testing

@testable import Studio

@Suite struct KeyFrameBudgetTests {
  @Test("a viewer may have some key frames for the beginning and for a loss right after it, and then none")
  func beginning() {
    let clock = ManualClock()
    var budget = KeyFrameBudget(now: clock.now)
    let granted = (0..<10).map { _ in budget.take(watching: 2, now: clock.now) }
    #expect(granted == Array(repeating: true, count: 5) + Array(repeating: false, count: 5))
  }

  @Test("who asks with every frame for an hour gets one in four seconds")
  func greedy() {
    var clock = ManualClock()
    var budget = KeyFrameBudget(now: clock.now)
    var granted = 0
    for _ in 0..<(3600 * 25) {
      clock.advance(by: .milliseconds(40))
      if budget.take(watching: 2, now: clock.now) { granted += 1 }
    }
    #expect(granted == 5 + 3600 / 4 - 1, "the first interval begins with the first request")
  }

  @Test("who watches alone has all that it asks for, and beside another no more than its share")
  func alone() {
    let clock = ManualClock()
    var budget = KeyFrameBudget(now: clock.now)
    let granted = (0..<10).map { _ in budget.take(watching: 1, now: clock.now) }
    #expect(granted == Array(repeating: true, count: 10))
    let isGranted = budget.take(watching: 2, now: clock.now)
    #expect(!isGranted)
  }
}
