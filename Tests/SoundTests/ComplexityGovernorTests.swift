import NIOCore
import Sound
import Testing

@Suite struct ComplexityGovernorTests {
  /// The microseconds that a packet of voice takes with each complexity on the server that this was measured on.
  private static let cost = [55, 64, 84, 91, 115, 118, 145, 208, 274, 292]

  /// The complexities of each packet of `seconds` on a machine that is `slowness` times as slow as that server.
  private func run(_ governor: inout ComplexityGovernor, seconds: Int, slowness: Double) -> [Int] {
    (0..<seconds * 50).map { _ in
      let cost = Double(Self.cost[governor.complexity]) * slowness
      return governor.record(encodeTime: .nanoseconds(Int64(cost * 1_000)))
    }
  }

  @Test("it begins with 5, and stays there where more would cost something")
  func usual() {
    for slowness in stride(from: 0.9, through: 8, by: 0.1) {
      var governor = ComplexityGovernor()
      #expect(Set(run(&governor, seconds: 120, slowness: slowness)) == [5], "\(slowness)")
    }
  }

  @Test("a small computer is not kept busy: it takes a lower complexity, by one step every five seconds")
  func slow() {
    var governor = ComplexityGovernor()
    let complexities = run(&governor, seconds: 60, slowness: 10)
    // 91 µs · 10 is less than 5 % of 20 ms.
    #expect(governor.complexity == 3)
    #expect(complexities[0] == 5 && complexities[500] == 3)
  }

  @Test("a computer that is too slow for any stays at the lowest")
  func hopeless() {
    var governor = ComplexityGovernor()
    _ = run(&governor, seconds: 60, slowness: 100)
    #expect(governor.complexity == 0)
  }

  @Test("a fast computer takes the best that costs next to nothing")
  func fast() {
    var governor = ComplexityGovernor()
    _ = run(&governor, seconds: 60, slowness: 0.5)
    #expect(governor.complexity == 7)
    _ = run(&governor, seconds: 60, slowness: 0.1)
    #expect(governor.complexity == 9)
  }

  @Test("what was too slow for a while returns to 5")
  func recovers() {
    var governor = ComplexityGovernor()
    _ = run(&governor, seconds: 60, slowness: 30)
    #expect(governor.complexity < 3)
    _ = run(&governor, seconds: 60, slowness: 4)
    #expect(governor.complexity == 5)
  }

  @Test("a load at a limit does not make it oscillate")
  func hysteresis() {
    for slowness in stride(from: 0.05, through: 30, by: 0.15) {
      var governor = ComplexityGovernor()
      _ = run(&governor, seconds: 60, slowness: slowness)
      #expect(Set(run(&governor, seconds: 60, slowness: slowness)).count == 1, "\(slowness)")
    }
  }

  @Test("one packet that took very long changes nothing")
  func hiccup() {
    var governor = ComplexityGovernor()
    _ = run(&governor, seconds: 2, slowness: 1)
    #expect(governor.record(encodeTime: .milliseconds(100)) == 5)
    #expect(Set(run(&governor, seconds: 60, slowness: 1)) == [5])
  }
}
