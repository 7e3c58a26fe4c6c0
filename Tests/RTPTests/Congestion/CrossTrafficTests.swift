import TestSupport
import Testing

@testable import RTP

@Suite struct CrossTrafficTests {
  private static let rate = 2e6
  private static let size = 1_200

  /// Packets of ours through a bottleneck of 2 Mbit/s, before which others' packets of the same length are with this
  /// probability, one for each time that it is drawn again.
  private func traffic(others probability: Double, scatter: Double = 0) -> (traffic: CrossTraffic, ours: Double) {
    var generator = SeededGenerator(seed: 1)
    var traffic = CrossTraffic(rate: Self.rate)
    let service = Double(Self.size) * 8 / Self.rate
    var (time, late) = (0.0, 0.0)
    for _ in 0..<2_000 {
      var gap = service
      while Double.random(in: 0..<1, using: &generator) < probability { gap += service }
      let next = Double.random(in: 0...max(scatter, 1e-9), using: &generator)
      traffic.add(size: Self.size, gap: gap + next - late)
      late = next
      time += gap
    }
    return (traffic, 2_000 * Double(Self.size) * 8 / time)
  }

  @Test(arguments: [0.0, 0.0005, 0.001]) func `alone the whole bottleneck is ours`(scatter: Double) throws {
    let (traffic, rate) = traffic(others: 0, scatter: scatter)
    #expect(try #require(traffic.share(of: rate)) > 0.9)
  }

  @Test(arguments: [0.2, 0.3]) func `others beside us are seen between our packets`(probability: Double) throws {
    let (traffic, rate) = traffic(others: probability)
    #expect(abs(try #require(traffic.share(of: rate)) - (1 - probability)) < 0.1)
  }

  @Test func `where others send more than we do, nothing is known`() {
    let (traffic, rate) = traffic(others: 0.7)
    #expect(traffic.share(of: rate) == nil)
  }

  @Test func `where arrivals scatter by more than a packet takes, nothing is known`() {
    let (traffic, rate) = traffic(others: 0, scatter: 0.02)
    #expect(traffic.share(of: rate) == nil)
  }

  @Test func `others of whom no packet tells any more are forgotten`() throws {
    var (traffic, rate) = traffic(others: 0.3)
    for _ in 0..<100 { traffic.relax(towards: rate, elapsed: 0.1) }
    #expect(try #require(traffic.share(of: rate)) > 0.95)
  }
}
