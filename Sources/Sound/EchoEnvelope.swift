import Glibc

/// Whether what is left of the microphone's sound becomes louder and weaker with what the loudspeaker plays.
///
/// The energies of voices in the room, and of its noise, do not follow those of what is played; an echo does, also one that
/// the adaptive filter cannot learn: later than its taps, as that of a wireless loudspeaker, or distorted.
struct EchoEnvelope {
  /// The delays of an echo that are looked at, in frames of 10 ms: to 400 ms, twice what the filter takes away.
  private static let delays = 11
  private static let delayStep = 4
  /// 4 s: a dozen syllables.
  private static let mostFrames = 400
  /// Below these a frame is silence; energies of a sample in the mean, where full scale is 1.
  private static let leastPlayed = 1e-6
  private static let leastLeft = 1e-7

  /// Logarithms of the energies of what was played, the last frame at ``position``.
  private var history = [Double](repeating: log10(leastPlayed), count: delays * delayStep)
  private var position = 0
  private var frames = 0
  private var played = (mean: 0.0, variance: 0.0)
  private var left = (mean: 0.0, variance: 0.0)
  private var covariances = [Double](repeating: 0, count: delays)

  /// Takes the energies of a frame.
  mutating func add(played energy: Double, left energyLeft: Double) {
    position = (position + 1) % history.count
    history[position] = log10(energy + Self.leastPlayed)
    frames = min(frames + 1, Self.mostFrames)
    let share = 1 / Double(frames)
    let ofLeft = Self.add(log10(energyLeft + Self.leastLeft), to: &left, share)
    _ = Self.add(history[position], to: &played, share)
    for index in covariances.indices {
      let ofPlayed = history[(position + history.count - index * Self.delayStep) % history.count] - played.mean
      covariances[index] += (ofPlayed * ofLeft - covariances[index]) * share
    }
  }

  /// The largest coefficient of correlation at any of the delays, of the last seconds; 0 if nothing changes.
  var correlation: Double {
    let scale = (played.variance * left.variance).squareRoot()
    return scale > 0 ? (covariances.max() ?? 0) / scale : 0
  }

  /// - Returns: the distance from the new mean.
  private static func add(
    _ value: Double, to moments: inout (mean: Double, variance: Double), _ share: Double
  ) -> Double {
    moments.mean += (value - moments.mean) * share
    let distance = value - moments.mean
    moments.variance += (distance * distance - moments.variance) * share
    return distance
  }
}
