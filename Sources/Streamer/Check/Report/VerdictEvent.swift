import NIOCore

/// What it all comes to.
struct VerdictEvent: CheckEvent {
  static let type = "verdict"

  /// `direct`, `relay` or `none`.
  let verdict: String
  /// false: there was a call.
  let isPrediction: Bool
  /// The exit code.
  let status: Int32
  let explanation: String
  /// What to change.
  let advice: String
  /// Seconds, of the whole check.
  let time: Double

  init(_ verdict: CheckVerdict, time: TimeAmount) {
    self.verdict = verdict.path.rawValue
    isPrediction = verdict.isPrediction
    status = verdict.status.rawValue
    explanation = verdict.text
    advice = verdict.advice
    self.time = time.seconds
  }

  var text: String { "\(explanation) \(advice)" }
}
