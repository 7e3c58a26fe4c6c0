import NIOCore
import TestSupport
import Testing

@testable import Sound

@Suite("Playing at a card's pace")
struct PlaybackResamplerTests {
  @Test(
    "what waits in the card's buffer stays the same in spite of its drift, and a tone is clean",
    arguments: [(8_000, 300.0), (44_100, -300), (48_000, 300), (96_000, -300)])
  func drift(rate: Int, drift: Double) {
    var resampler = PlaybackResampler(outputRate: rate)
    // In seconds, beyond what is aimed at.
    var (surplus, largest) = (0.0, 0.0)
    var last: [Float] = []
    let tone = Signal.tone([1_000], amplitude: 0.25, blocks: 1)
    for block in 0..<6_000 {
      tone.withUnsafeBufferPointer { samples in
        resampler.convert(samples, surplus: surplus) { output in
          surplus += Double(output.count) / (Double(rate) * (1 + drift * 1e-6)) - 0.02
          if block >= 5_975 { last += output }
        }
      }
      largest = max(largest, abs(surplus))
    }
    #expect(largest < 0.005)
    #expect(abs(surplus) < 0.001)
    #expect(abs(resampler.drift - drift) < 60)
    // By the card's clock the tone is lower or higher.
    let fit = SineFit(last, frequency: 1_000 / (1 + drift * 1e-6), sampleRate: rate)
    #expect(abs(fit.amplitude - 0.25) < 0.01)
  }
}
