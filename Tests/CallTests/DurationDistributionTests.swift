import NIOCore
import Testing

@testable import Call

@Suite("Percentiles of durations") struct DurationDistributionTests {
  @Test("a percentile is accurate to 6 % and never below the recorded value")
  func accuracy() throws {
    var distribution = DurationDistribution()
    // 1 ms, 2 ms, … 1 s
    for milliseconds in 1...1_000 { distribution.record(.milliseconds(Int64(milliseconds))) }
    for (share, expected) in [(0.001, 1.0), (0.5, 500), (0.95, 950), (0.99, 990), (1, 1_000)] {
      let found = Double(try #require(distribution.percentile(share)).nanoseconds) / 1e6
      #expect(found >= expected && found <= expected * 1.0626, "\(share): \(found) ms")
    }
  }

  @Test("microseconds are exact, and values out of range count as the nearest limit")
  func ends() {
    var distribution = DurationDistribution()
    #expect(distribution.percentile(0.5) == nil)
    distribution.record(.microseconds(7))
    #expect(distribution.percentile(0.5) == .microseconds(7))
    distribution.record(.milliseconds(-5))
    #expect(distribution.percentile(0.5) == .zero)
    distribution.record(.hours(5))
    #expect(distribution.percentile(1)! > .minutes(8))
  }
}
