import Call
import Network
import Streamer

/// One line that is kept up to date on a terminal; plain lines where standard error is something else.
struct TerminalReporter: CommandReporter {
  func report(_ state: CallState, detail: String?) {
    let text = PrintableText.from([Self.words[state], detail].compactMap { $0 }.joined(separator: ": "))
    StandardStream.showsStatus ? StandardStream.status(text) : StandardStream.error(text)
  }

  func report(_ statistics: CallStatistics) {
    guard StandardStream.showsStatus else { return }
    StandardStream.status(Self.line(statistics))
  }

  /// Where standard error is no terminal: on one the line of each second says it.
  func report(_ limit: PictureLimit) {
    guard !StandardStream.showsStatus else { return }
    StandardStream.error(limit.text)
  }

  static func line(_ statistics: CallStatistics) -> String {
    let outbound = statistics.outboundRTP
    let limit = PictureLimit(statistics)
    var parts = ["streaming"]
    if limit.reason != nil { parts.append(limit.text) }
    parts += ["\(Int(outbound.framesPerSecond.rounded())) fps", "\(outbound.bitrate / 1000) kbit/s"]
    if let time = statistics.roundTripTime { parts.append("rtt \(Int((time * 1000).rounded())) ms") }
    if let remote = statistics.remoteInboundRTP {
      parts.append("loss \(Int((remote.fractionLost * 100).rounded())) %")
    }
    parts.append(statistics.candidatePair.pathKind)
    return parts.joined(separator: "  ")
  }

  func report(notice: String) {
    StandardStream.error(PrintableText.from(notice))
  }

  func report(_ error: CommandError) {
    StandardStream.error("jinglecam: \(PrintableText.from(error.description))")
  }

  func report(_ summary: CallSummary) {
    // A peer's reason is part of it, and must not forge lines or command the terminal.
    var text = PrintableText.from(summary.text)
    if let statistics = summary.statistics, summary.duration > 0 {
      let outbound = statistics.outboundRTP
      let rate = Int(Double(outbound.bytesSent) * 8 / summary.duration / 1000)
      text +=
        "\n\(Int(summary.duration.rounded())) s, \(outbound.framesSent) frames, \(rate) kbit/s, "
        + "\(outbound.packetsSent) packets (\(outbound.retransmittedPacketsSent) sent again), "
        + statistics.candidatePair.pathKind
    }
    StandardStream.error(text)
  }

  private static let words: [CallState: String] = [
    .loggingIn: "logging in", .calling: "calling", .ringing: "ringing", .connecting: "accepted, connecting",
    .streaming: "streaming",
  ]
}
