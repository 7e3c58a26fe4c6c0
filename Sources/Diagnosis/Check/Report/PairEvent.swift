import Call
import NIOCore

/// One candidate pair of a call, and its fate.
struct PairEvent: CheckEvent {
  static let type = "pair"

  let pair: TriedPair
  /// Seconds: the round trip, where it is known.
  var time: Double { pair.roundTripTime ?? 0 }
  var timeText: String { pair.roundTripTime.map(CheckText.time) ?? "-" }

  func encode(to encoder: any Encoder) throws {
    try pair.encode(to: encoder)
  }

  var text: String {
    let fate =
      switch pair.state {
      case "succeeded": pair.isSelected ? "works, and carries the call" : "works"
      case "failed": "failed"
      case "in-progress": "no answer"
      default: "not tried"
      }
    return "\(pair.local.text) to \(pair.remote.text): \(fate)"
  }
}
