import Glibc
import NIOCore
import TestSupport

@testable import Sound

/// A card that hears two tones, of 50 and 1000 Hz by its own clock, and whose capture times jitter as those of USB cards.
struct DriftingCard {
  struct Heard {
    /// In seconds, by the phase of the lower tone, which tells up to 10 ms in either direction.
    var largestOffset = 0.0
    var lastOffset = 0.0
    /// What is there besides the tones, in decibels relative to them: the worst of the seconds that were examined.
    var worstRest = -Double.infinity
    var areTimesRegular = true
    var drift = 0.0
  }

  let rate: Int
  /// In parts per million.
  let drift: Double
  /// Of 20 ms, in which both tones have whole periods.
  private let samples: [Float]
  private var random = SeededGenerator(seed: 1)

  private static let amplitude = 0.25
  private static let start = 1_000_000_000.0

  init(rate: Int, drift: Double) {
    self.rate = rate
    self.drift = drift
    samples = (0..<rate / 50).map { index in
      let turns = Double(index) / Double(rate)
      return Float(Self.amplitude * (sin(2 * .pi * 50 * turns) + sin(2 * .pi * 1_000 * turns)))
    }
  }

  /// Examines the offset in the first minute and for a second of each minute after it, and the spectrum of four seconds
  /// of the first minute and of one in each ten minutes.
  mutating func play(seconds: Int, to resampler: consuming DriftResampler) -> Heard {
    var heard = Heard()
    var second: [Double] = []
    var last: NIODeadline?
    let pace = Double(rate) * (1 + drift * 1e-6)
    let half = samples.count / 2
    for block in 0..<seconds * 100 {
      let exact = Self.start + Double(block * half) / pace * 1e9
      let jitter = Double.random(in: 0..<1_000_000, using: &random)
      samples.withUnsafeBufferPointer { samples in
        let part = UnsafeBufferPointer(rebasing: samples[(block % 2 * half)..<((block % 2 + 1) * half)])
        resampler.push(part, captureTime: .uptimeNanoseconds(UInt64(exact + jitter))) { output, time, _ in
          if let last, time - last != .milliseconds(20) { heard.areTimesRegular = false }
          last = time
          guard block < 6_000 || block % 6_000 < 160 else {
            second = []
            return
          }
          let offset = offset(of: output, at: time)
          heard.largestOffset = max(heard.largestOffset, abs(offset))
          heard.lastOffset = abs(offset)
          // The ratio changes each 100 blocks, which is to be in the middle: at the ends the window hides a click.
          let isExamined = 50..<160 ~= block % (block < 6_000 ? 1_000 : 60_000) && block > 2_000
          if !isExamined { second = [] }
          guard isExamined, second.count < SoundBlock.sampleRate else { return }
          second += output.map { Double($0) }
          if second.count == SoundBlock.sampleRate {
            heard.worstRest = max(heard.worstRest, Signal.rest(of: second, besides: [50, 1_000]))
          }
        }
      }
    }
    heard.drift = resampler.drift
    return heard
  }

  /// How much later the samples of a block were captured than its time says, in seconds.
  private func offset(of block: UnsafeBufferPointer<Float>, at time: NIODeadline) -> Double {
    let angular = 2 * Double.pi * 50 * (1 + drift * 1e-6)
    let start = (Double(time.uptimeNanoseconds) - Self.start) / 1e9
    var (inPhase, quadrature) = (0.0, 0.0)
    for (index, sample) in block.enumerated() {
      let angle = angular * (start + Double(index) / Double(SoundBlock.sampleRate))
      inPhase += Double(sample) * sin(angle)
      quadrature += Double(sample) * cos(angle)
    }
    return atan2(quadrature, inPhase) / angular
  }
}
