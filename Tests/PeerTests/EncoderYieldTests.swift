import NIOCore
import Testing

@testable import Peer

@Suite("What the encoder makes of its target")
struct EncoderYieldTests {
  private func correction(_ frames: [(bytes: Int, target: Double)]) -> Double {
    var yield = EncoderYield()
    for (number, frame) in frames.enumerated() {
      yield.encoded(
        bytes: frame.bytes, target: frame.target, now: .uptimeNanoseconds(UInt64(number) * 40_000_000))
    }
    return yield.correction
  }

  @Test("an encoder that makes four fifths is asked for five quarters, and no more")
  func correction() {
    #expect(abs(correction(Array(repeating: (4_000, 1e6), count: 200)) - 1.25) < 0.01)
    #expect(correction(Array(repeating: (3_500, 1e6), count: 200)) == 1.25)
    #expect(abs(correction(Array(repeating: (4_750, 1e6), count: 200)) - 1 / 0.95) < 0.01)
  }

  @Test("one that makes what it should, or more, is asked for that")
  func exact() {
    #expect(correction(Array(repeating: (5_000, 1e6), count: 200)) == 1)
    #expect(correction(Array(repeating: (9_000, 1e6), count: 200)) == 1)
  }

  @Test("content that needs much less is left alone")
  func still() {
    #expect(correction(Array(repeating: (500, 1e6), count: 200)) == 1)
    #expect(correction([]) == 1)
  }

  @Test("after a fall nothing is asked for that was missing before")
  func fall() {
    let before = Array(repeating: (bytes: 4_000, target: 1e6), count: 200)
    #expect(correction(before + [(4_000, 0.4e6)]) == 1)
  }
}
