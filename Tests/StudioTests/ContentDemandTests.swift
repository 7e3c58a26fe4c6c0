import Testing

@testable import Studio

@Suite("What the present content demands")
struct ContentDemandTests {
  @Test(
    "follows from the step size of the quantizer, as RFC 6386 has it",
    arguments: [
      (0, 4), (54, 58), (55, 60), (83, 116), (84, 119), (102, 173), (103, 177), (116, 229), (117, 234), (127, 284),
    ])
  func stepSizes(index: Int, size: Int) {
    #expect(ContentDemand.quantizerStepSize(of: index) == Double(size))
  }

  @Test("is known after half a second, rises soon and falls late")
  func pace() {
    var demand = ContentDemand()
    func frames(_ count: Int, quantizer: Int) -> Double {
      for _ in 0..<count { demand.record(bitrate: 1_000_000, quantizer: quantizer, demand: 1_000_000) }
      return demand.factor
    }
    #expect(frames(11, quantizer: 44) == 1)
    let low = frames(1, quantizer: 44)
    #expect(abs(low - 48.0 / 120) < 0.02)
    let risen = frames(25, quantizer: 127)
    #expect(risen > 1.5)
    #expect(frames(25, quantizer: 44) > risen * 0.7)
    #expect(frames(500, quantizer: 44) < 0.5)
  }
}
