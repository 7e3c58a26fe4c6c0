import Testing

@testable import Studio

@Suite("The target of the encoder")
struct EncodingLimitsTests {
  private static let limits = EncodingLimits(maximumBitrate: 2_500_000)

  @Test(
    "is what the network takes, within the limits",
    arguments: [(nil, 2_500_000), (800_000, 800_000), (9_000_000, 2_500_000), (30_000, 100_000)])
  func target(available: Int?, target: Int) {
    #expect(Self.limits.target(available: available) == target)
  }

  @Test("is never above the highest, even if the lowest is")
  func contradiction() {
    #expect(EncodingLimits(maximumBitrate: 50_000).target(available: 10_000) == 50_000)
  }

  @Test("of a picture that keeps its size goes as low as the receiver says")
  func fixed() {
    let limits = EncodingLimits(maximumBitrate: 1_500_000, isFixed: true)
    #expect(limits.target(available: nil) == 1_500_000)
    #expect(limits.target(available: 30_000) == 30_000)
  }
}
