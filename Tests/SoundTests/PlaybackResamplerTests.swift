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

  @Test(
    "over an hour what waits in the card's buffer stays the same, and the tones stay pure",
    arguments: [(300.0, 3_600), (-300, 600)])
  func hour(drift: Double, seconds: Int) {
    var resampler = PlaybackResampler(outputRate: SoundBlock.sampleRate)
    var random = SeededGenerator(seed: 2)
    var (surplus, largest, worstRest) = (0.0, 0.0, -Double.infinity)
    var second: [Double] = []
    // Both have whole periods in a block.
    let tones = zip(Signal.tone([50], amplitude: 0.25, blocks: 1), Signal.tone([1_000], amplitude: 0.25, blocks: 1))
    let block = tones.map { $0 + $1 }
    for number in 0..<seconds * 50 {
      // A driver tells what waits by milliseconds.
      let jitter = Double.random(in: -0.000_5..<0.000_5, using: &random)
      // Four seconds of the first minute and one in each ten minutes, with a change of the ratio in the middle.
      let isExamined = 25..<80 ~= number % (number < 3_000 ? 500 : 30_000) && number > 1_000
      if !isExamined { second = [] }
      block.withUnsafeBufferPointer { samples in
        resampler.convert(samples, surplus: surplus + jitter) { output in
          surplus += Double(output.count) / (48_000 * (1 + drift * 1e-6)) - 0.02
          guard isExamined, second.count < SoundBlock.sampleRate else { return }
          second += output.prefix(SoundBlock.sampleRate - second.count).map { Double($0) }
          if second.count == SoundBlock.sampleRate {
            worstRest = max(worstRest, Signal.rest(of: second, besides: [50, 1_000]))
          }
        }
      }
      largest = max(largest, abs(surplus))
    }
    #expect(largest < 0.005)
    #expect(abs(surplus) < 0.001)
    #expect(abs(resampler.drift - drift) < 20)
    #expect(worstRest < -60, "\(worstRest)")
  }
}
