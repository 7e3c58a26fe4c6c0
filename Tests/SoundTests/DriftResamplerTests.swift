import NIOCore
import Testing

@testable import Sound

@Suite("Following a card's clock") struct DriftResamplerTests {
  @Test(
    "over an hour the offset stays below 5 ms and the tones stay pure",
    arguments: [(48_000, 300), (48_000, -300)] as [(Int, Double)])
  func hour(_ rate: Int, _ drift: Double) {
    var card = DriftingCard(rate: rate, drift: drift)
    let heard = card.play(seconds: 3_600, to: DriftResampler(inputRate: rate, channelCount: 1))
    check(heard, drift, rate)
  }

  @Test(
    "every rate follows the monotonic clock", arguments: [8_000, 16_000, 32_000, 44_100, 96_000],
    [-300, 0, 300] as [Double])
  func rates(_ rate: Int, _ drift: Double) {
    var card = DriftingCard(rate: rate, drift: drift)
    check(card.play(seconds: 180, to: DriftResampler(inputRate: rate, channelCount: 1)), drift, rate)
  }

  @Test(
    "the missing frames complete one block each time", arguments: [8_000, 11_025, 44_100, 48_000, 96_000],
    [-1_000, 0, 1_000] as [Double])
  func missingFrames(_ rate: Int, _ drift: Double) {
    var resampler = DriftResampler(inputRate: rate, channelCount: 1)
    let silence = [Float](repeating: 0, count: rate / 10)
    var frames = 0
    for _ in 0..<3_000 {
      let missing = resampler.missingFrames
      let time = NIODeadline.uptimeNanoseconds(UInt64(1e9 + Double(frames) / (Double(rate) * (1 + drift * 1e-6)) * 1e9))
      var blocks = 0
      silence.withUnsafeBufferPointer {
        resampler.push(UnsafeBufferPointer(rebasing: $0[..<missing]), captureTime: time) { _, _, _ in blocks += 1 }
      }
      #expect(blocks == 1)
      frames += missing
    }
    #expect(abs(resampler.drift - drift) < 250)
  }

  private func check(_ heard: DriftingCard.Heard, _ drift: Double, _ rate: Int) {
    // The loop goes to and fro between two steps of the ratio, which are larger where the rate is low.
    let step = 1e6 / (Double(rate) / 48_000 * 65_521)
    #expect(heard.largestOffset < 0.005)
    #expect(heard.lastOffset < 0.001)
    #expect(abs(heard.drift - drift) < max(15, step / 2))
    #expect(heard.areTimesRegular)
    // In decibels, relative to the tones.
    #expect(heard.worstRest < -60)
  }

  @Test("two channels stay apart")
  func stereo() {
    var resampler = DriftResampler(inputRate: 44_100, channelCount: 2)
    let input = (0..<882).map { $0 % 2 == 0 ? Float(0.5) : -0.25 }
    var last: [Float] = []
    for block in 0..<10 {
      input.withUnsafeBufferPointer {
        resampler.push($0, captureTime: .uptimeNanoseconds(1_000_000_000 + UInt64(block) * 10_000_000)) {
          samples, _, _ in
          last = Array(samples)
        }
      }
    }
    #expect(last.count == 1_920)
    #expect(
      stride(from: 0, to: 1_920, by: 2).allSatisfy { abs(last[$0] - 0.5) < 0.01 && abs(last[$0 + 1] + 0.25) < 0.01 })
  }

  @Test("lost samples are replaced by silence, and after a long interruption the times begin anew")
  func lost() {
    var resampler = DriftResampler(inputRate: 48_000, channelCount: 1)
    let input = [Float](repeating: 0.5, count: 480)
    var times: [NIODeadline] = []
    var silent = 0
    func play(_ start: UInt64, blocks: Int) {
      for block in 0..<blocks {
        input.withUnsafeBufferPointer {
          resampler.push($0, captureTime: .uptimeNanoseconds(start + UInt64(block) * 10_000_000)) { samples, time, _ in
            times.append(time)
            silent += samples.count { abs($0) < 0.01 }
          }
        }
      }
    }
    play(1_000_000_000, blocks: 10)
    play(1_300_000_000, blocks: 10)
    // 200 ms are missing.
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == .milliseconds(20) })
    #expect(abs(silent - 9_600) < 100)
    #expect(abs(resampler.offset) < 0.001)
    // 50 ms come again.
    play(1_350_000_000, blocks: 10)
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == .milliseconds(20) })
    #expect(times.last! < .uptimeNanoseconds(1_450_000_000))
    play(60_000_000_000, blocks: 10)
    let begun = times.filter { $0 > .uptimeNanoseconds(2_000_000_000) }
    #expect(begun.count >= 4)
    #expect(abs((begun[0] - .uptimeNanoseconds(60_000_000_000)).nanoseconds) < 2_000_000)
  }
}
