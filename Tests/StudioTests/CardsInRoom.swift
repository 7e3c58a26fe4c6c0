import Glibc
import NIOCore
import Sound
import TestSupport

@testable import Studio

/// A microphone that hears a loudspeaker, each by a clock of its own, in virtual time. Their timestamps jitter by a
/// millisecond.
final class CardsInRoom {
  private let echoPath = EchoPath()
  /// How much faster than the monotonic clock they run, as factors.
  private let (microphonePace, loudspeakerPace): (Double, Double)
  private var random = SeededGenerator(seed: 11)
  private var resampler = PlaybackResampler(outputRate: SoundBlock.sampleRate)
  /// The frames that were given to the loudspeaker since the beginning, and what is heard of them.
  private var played = [Float](repeating: 0, count: reserve)
  private var heard = [Float](repeating: 0, count: reserve)
  private var position = 0.0
  private var blocks = 0
  private var filtered: Float = 0
  private var now = 0.0

  private static let rate = 48_000.0
  private static let epoch = NIODeadline.uptimeNanoseconds(100_000_000_000)
  private static let reserve = 1_920
  private static let reflections: [(delay: Int, factor: Float)] = [
    (240, 0.6), (910, -0.3), (2_303, 0.15), (4_447, -0.08),
  ]

  /// - Parameters: the drifts in parts per million.
  init(microphone: Double, loudspeaker: Double) {
    (microphonePace, loudspeakerPace) = (1 + microphone * 1e-6, 1 + loudspeaker * 1e-6)
  }

  /// Opens the microphone for so many seconds.
  ///
  /// - Returns: by how many decibels the echo is weakened after each second, not counting the ducking, and what was learnt
  ///   of the clocks.
  func record(seconds: Int, skew: ClockSkew = ClockSkew()) -> (enhancements: [Double], skew: ClockSkew) {
    var resampler = DriftResampler(inputRate: 48_000, channelCount: 1)
    let cleaner = EchoCleaner(echoPath, skew: skew)
    let start = now
    var enhancements: [Double] = []
    for period in 0..<seconds * 100 {
      now = start + Double(period + 1) * 0.01 / microphonePace
      while Double(blocks) * 0.02 <= now { playBlock() }
      let begin = now - 0.01 / microphonePace
      let samples = (0..<480).map { sample(at: begin + Double($0) / Self.rate / microphonePace) }
      samples.withUnsafeBufferPointer { samples in
        resampler.push(samples, captureTime: time(begin + jitter())) { block, time, span in
          cleaner.clean(block, channels: 1, at: time, span) { _, _ in }
        }
      }
      if period % 100 == 99 { enhancements.append(cleaner.echoReturnLossEnhancement ?? 0) }
    }
    return (enhancements, cleaner.skew)
  }

  private func time(_ seconds: Double) -> NIODeadline { Self.epoch + .nanoseconds(Int64(seconds * 1e9)) }

  private func jitter() -> Double { .random(in: 0..<0.001, using: &random) }

  /// Gives the loudspeaker 20 ms of speech-like noise, when they are due.
  private func playBlock() {
    let due = Double(blocks) * 0.02
    blocks += 1
    let block = (0..<SoundBlock.samples).map { index in
      filtered += 0.2 * (.random(in: -1...1, using: &random) - filtered)
      return filtered * Float(0.5 - 0.5 * cos(2 * .pi * 3 * (due + Double(index) / Self.rate)))
    }
    let waiting = Double(played.count) - due * Self.rate * loudspeakerPace
    let told = waiting / Self.rate + jitter() - 0.000_5
    block.withUnsafeBufferPointer {
      resampler.convert($0, surplus: told - Double(Self.reserve) / Self.rate) { output in
        for sample in output { play(sample) }
      }
    }
    let span = CardSpan(
      epoch: Self.epoch, start: position, duration: resampler.blockDuration,
      lag: due + told + Double(resampler.latency.nanoseconds) / 1e9 - position)
    position += span.duration
    echoPath.tell(PlayedBlock(samples: block, span: span))
  }

  private func play(_ sample: Float) {
    played.append(sample)
    var sum: Float = 0
    for (delay, factor) in Self.reflections where delay < played.count {
      sum += factor * played[played.count - 1 - delay]
    }
    heard.append(sum)
  }

  /// What the microphone hears at a time, by a polynomial of the third degree.
  private func sample(at time: Double) -> Float {
    let place = time * Self.rate * loudspeakerPace
    let index = Int(place)
    guard index > 0, index + 2 < heard.count else { return 0 }
    let t = Float(place - Double(index))
    let (a, b, c, d) = (heard[index - 1], heard[index], heard[index + 1], heard[index + 2])
    let (later, sooner) = ((t + 1) * t / 6, (t - 1) * (t - 2) / 6)
    return sooner * (3 * (t + 1) * b - t * a) + later * ((t - 1) * d - 3 * (t - 2) * c)
  }
}
