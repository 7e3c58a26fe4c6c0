import Streamer

/// How far the call of a check has come.
struct CheckCallEvent: CheckEvent {
  static let type = "call"

  let state: CallState
  let detail: String?
  /// Seconds since it began.
  let time: Double

  var text: String { [state.rawValue, detail].compactMap { $0 }.joined(separator: ": ") }
}
