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
  private var peak: Float = 0
  private var sumOfSquares = 0.0
  private var samples = 0
  private var clippedSamples = 0

  /// What 16 bits cannot exceed, less a step of 8 bits, since some cards limit before.
  private static let clip: Float = 0.99
  /// The share of such samples that is heard.
  private static let mostClipped = 0.001
  /// -80 dB: the noise of any microphone is louder.
  private static let silence: Float = 0.0001

  init(card: String, name: String, rate: Int, channels: Int) {
    self.card = card
    self.name = name
    self.rate = rate
    self.channels = channels
  }

  /// - Parameter block: in the range -1...1.
  mutating func add(_ block: UnsafeBufferPointer<Float>) {
    for sample in block where sample.isFinite {
      let size = abs(sample)
      peak = max(peak, size)
      sumOfSquares += Double(sample * sample)
      if size >= Self.clip { clippedSamples += 1 }
      samples += 1
    }
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
    let level = Self.decibels((sumOfSquares / Double(samples)).squareRoot())
    let text = "\(what), level \(level) dB, peak \(Self.decibels(Double(peak))) dB of full scale"
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

  private static func decibels(_ amplitude: Double) -> Int { Int((20 * log10(amplitude)).rounded()) }
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
