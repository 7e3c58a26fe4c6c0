import Testing

@testable import RTP

@Suite struct RateControlTests {
  @Test(
    "a call begins with half of what the last one's path took, within bounds",
    arguments: [(nil, 300e3), (120_000, 120e3), (400_000, 300e3), (1_200_000, 600e3), (40_000_000, 1e6)]
      as [(Int?, Double)])
  func initialRate(_ former: Int?, _ initial: Double) {
    #expect(RateControl.initialRate(after: former) == initial)
    for hasFeedback in [false, true] {
      let control = RateControl(hasFeedback: hasFeedback, formerRate: former, now: .uptimeNanoseconds(0))
      #expect(control.availableRate == initial)
    }
  }
}
