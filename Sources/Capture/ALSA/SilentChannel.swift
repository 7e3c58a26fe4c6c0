/// Gives one of two channels what the other hears while it hears nothing itself, as that of a single microphone on an I2S
/// bus, or of an input without a microphone. Otherwise there would be sound in one ear only.
struct SilentChannel {
  /// 0 or 1; nil while both hear something.
  private var index: Int?
  /// The mean power of each channel's changes from sample to sample, which leave out a constant offset.
  private var powers: (Float, Float) = (0, 0)
  private var last: (Float, Float) = (0, 0)

  /// Of the other channel's power: 40 dB below it.
  private static let silence: Float = 1e-4
  /// 30 dB below it, so that a pause in speech, in which only noise is heard, does not change the channel to and fro.
  private static let sound: Float = 1e-3
  /// What the newest block counts, for a mean of about a second.
  private static let weight: Float = 0.02

  /// - Parameters:
  ///   - samples: interleaved, of two channels.
  ///   - frames: about 20 ms of them.
  mutating func fill(_ samples: UnsafeMutablePointer<Float>, frames: Int) {
    measure(samples, frames: frames)
    let ratio = min(powers.0, powers.1) / max(powers.0, powers.1)
    if ratio < Self.silence {
      index = powers.0 < powers.1 ? 0 : 1
    } else if ratio > Self.sound {
      index = nil
    }
    guard let index else { return }
    for frame in 0..<frames { samples[2 * frame + index] = samples[2 * frame + 1 - index] }
  }

  private mutating func measure(_ samples: UnsafeMutablePointer<Float>, frames: Int) {
    var sums: (Float, Float) = (0, 0)
    for frame in 0..<frames {
      let (left, right) = (samples[2 * frame], samples[2 * frame + 1])
      sums.0 += (left - last.0) * (left - last.0)
      sums.1 += (right - last.1) * (right - last.1)
      last = (left, right)
    }
    powers.0 += Self.weight * (sums.0 - powers.0)
    powers.1 += Self.weight * (sums.1 - powers.1)
  }
}
