import Testing

@testable import Streamer

@Suite("The loss of sound that a viewer reports")
struct SoundLossTests {
  @Test("rises fast, falls slowly, and is a share whatever is reported")
  func course() {
    var loss = SoundLoss()
    for _ in 0..<4 { loss.report(0.2) }
    #expect(loss.share > 0.18)
    for _ in 0..<5 { loss.report(0) }
    #expect(loss.share > 0.12)
    for _ in 0..<100 { loss.report(0) }
    #expect(loss.share < 0.01)
    loss.report(.infinity)
    #expect(loss.share <= 1)
    loss.report(-3)
    #expect(loss.share >= 0)
  }
}
