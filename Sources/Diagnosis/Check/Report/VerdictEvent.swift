import NIOCore

/// The verdict of a check.
package struct VerdictEvent: CheckEvent {
  package static let type = "verdict"

  /// `direct`, `relay` or `none`.
  let verdict: String
  /// false: there was a call.
  let isPrediction: Bool
  let explanation: String
  /// What to change.
  let advice: String
  /// The duration of the whole check in seconds.
  package let time: Double

  package init(_ verdict: CheckVerdict, time: TimeAmount) {
    self.verdict = verdict.path.rawValue
    isPrediction = verdict.isPrediction
    explanation = verdict.text
    advice = verdict.advice
    self.time = time.seconds
  }

  package var text: String { "\(explanation) \(advice)" }
}
