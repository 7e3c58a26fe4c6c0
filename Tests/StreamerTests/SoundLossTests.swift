import Testing

@testable import Streamer

@Suite("The loss of sound that a viewer reports")
struct SoundLossTests {
  private var loss = SoundLoss()
  private var reports = 0

  private mutating func report(_ fraction: Double) {
    reports += 1
    loss.update(fraction, reportsReceived: reports)
  }

  @Test("rises fast, falls slowly, and is a share whatever is reported")
  mutating func course() {
    for _ in 0..<4 { report(0.2) }
    #expect(loss.share > 0.18)
    for _ in 0..<5 { report(0) }
    #expect(loss.share > 0.12)
    for _ in 0..<100 { report(0) }
    #expect(loss.share < 0.01)
    report(.infinity)
    #expect(loss.share <= 1)
    report(-3)
    #expect(loss.share >= 0)
  }

  @Test("counts a report once, and falls while there is none")
  mutating func stale() {
    report(0.2)
    let share = loss.share
    loss.update(0.2, reportsReceived: reports)
    #expect(loss.share < share)
    for _ in 0..<100 { loss.update(0.2, reportsReceived: reports) }
    #expect(loss.share < 0.01)
  }
}
