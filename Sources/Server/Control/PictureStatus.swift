import Call
import Streamer

/// The picture that one viewer is sent, and what limits it, in words for a person.
struct PictureStatus {
  let text: String

  /// - Returns: nil before the first picture.
  init?(_ statistics: CallStatistics) {
    let outbound = statistics.outboundRTP
    guard outbound.framesSent > 0 else { return nil }
    let limit = PictureLimit(statistics)
    let parts = [
      limit.size, "\(Int(outbound.framesPerSecond.rounded())) fps", "\(outbound.bitrate / 1000) kbit/s", limit.reason,
    ]
    text = parts.compactMap { $0 }.joined(separator: ", ")
  }
}
