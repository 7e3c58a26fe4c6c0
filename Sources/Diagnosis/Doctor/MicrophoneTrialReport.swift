import Capture
import Glibc

/// What a moment of recording has shown.
struct MicrophoneTrialReport: Equatable, Sendable {
  let card: String
  let name: String
  /// In hertz.
  let rate: Int
  let channels: Int
  var overruns = 0
  private var swings: [Swing]
  private var clippedSamples = 0

  /// What 16 bits cannot exceed, less a step of 8 bits, since some cards limit before.
  private static let clip: Float = 0.99
  /// The share of such samples that is heard.
  private static let mostClipped = 0.001
  /// -80 dB: the noise of any microphone is louder.
  private static let silence = 0.0001

  init(card: String, name: String, rate: Int, channels: Int) {
    self.card = card
    self.name = name
    self.rate = rate
    self.channels = channels
    swings = Array(repeating: Swing(), count: channels)
  }

  /// - Parameter block: interleaved, in the range -1...1.
  mutating func add(_ block: UnsafeBufferPointer<Float>) {
    for (index, sample) in block.enumerated() where sample.isFinite {
      swings[index % channels].add(Double(sample))
      if abs(sample) >= Self.clip { clippedSamples += 1 }
    }
  }

  private var samples: Int { swings.reduce(0) { $0 + $1.samples } }
  private var peak: Double { swings.reduce(0) { max($0, $1.peak) } }
  private var level: Double {
    (swings.reduce(0) { $0 + $1.variance * Double($1.samples) } / Double(samples)).squareRoot()
  }

  var finding: DoctorFinding {
    let what = "\(name) (card \(card)), \(rate) Hz, \(channels == 1 ? "mono" : "stereo")"
    guard samples > 0 else {
      return .warning(.microphone, "\(what): it gave no sound in two seconds", fix: "plug it in again; see dmesg")
    }
    guard peak > Self.silence else {
      return .warning(
        .microphone, "\(what): nothing but silence",
        fix: "see whether it is muted: alsamixer -c \(card), F4 for its controls, M to unmute, arrows to raise Capture")
    }
    let text = "\(what), level \(Self.decibels(level)) dB, peak \(Self.decibels(peak)) dB of full scale"
    let clipped = Double(clippedSamples) / Double(samples)
    guard clipped < Self.mostClipped else {
      let percent = max(1, Int((clipped * 100).rounded()))
      return .warning(
        .microphone, "\(text): it is too loud, and \(percent) % of the sound is clipped",
        fix: "lower Capture: alsamixer -c \(card), F4 for its controls")
    }
    guard overruns == 0 else {
      return .warning(
        .microphone, "\(text): this computer was late to read it, \(overruns) times",
        fix: "see what else keeps it busy (top)")
    }
    return .ok(.microphone, text)
  }

  /// Not less than 24 bits have.
  private static func decibels(_ amplitude: Double) -> Int { Int((20 * log10(max(amplitude, 1e-7))).rounded()) }
}

/// By how much the samples of a channel differ from their mean. Many cheap cards have an offset, muted or not, and nobody
/// hears it.
private struct Swing: Equatable {
  private(set) var samples = 0
  private var lowest = Double.infinity
  private var highest = -Double.infinity
  private var sum = 0.0
  private var sumOfSquares = 0.0

  mutating func add(_ sample: Double) {
    samples += 1
    lowest = min(lowest, sample)
    highest = max(highest, sample)
    sum += sample
    sumOfSquares += sample * sample
  }

  private var mean: Double { samples == 0 ? 0 : sum / Double(samples) }
  var peak: Double { samples == 0 ? 0 : max(highest - mean, mean - lowest) }
  var variance: Double { samples == 0 ? 0 : max(0, sumOfSquares / Double(samples) - mean * mean) }
}

extension MicrophoneTrial.Outcome {
  var finding: DoctorFinding {
    switch self {
    case .heard(let report): report.finding
    case .refused(let error):
      .warning(.microphone, "\(error.cause); the picture is shown without sound", fix: Self.fix(of: error))
    }
  }

  private static func fix(of error: MicrophoneError) -> String {
    switch error {
    case .busy(_, let holder?) where holder.hasPrefix("jinglecam "):
      "that may be the service, while somebody watches: look again when nobody does, or stop it for the time "
        + "(sudo systemctl stop jinglecam)"
    default: error.cure ?? "jinglecam devices lists what each microphone offers"
    }
  }
}
