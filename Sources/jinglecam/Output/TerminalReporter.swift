import Call
import Network
import Streamer

/// A line for each state of the call, and on a terminal one that is kept up to date.
struct TerminalReporter: CommandReporter {
  func report(_ state: CallState, detail: String?) {
    let text = [Self.words[state], detail].compactMap { $0 }.joined(separator: ": ")
    StandardStream.error(PrintableText.from(text))
  }

  func report(_ statistics: CallStatistics) {
    guard StandardStream.showsStatus else { return }
    StandardStream.status(Self.line(statistics, width: StandardStream.width))
  }

  /// If standard error is not a terminal: on one the line of each second says it.
  func report(_ limit: PictureLimit) {
    guard !StandardStream.showsStatus else { return }
    StandardStream.error(limit.text)
  }

  /// The time, the size, the rates and the path, as far as `width` columns have room for them.
  static func line(_ statistics: CallStatistics, width: Int) -> String {
    let outbound = statistics.outboundRTP
    let limit = PictureLimit(statistics)
    let durations = outbound.qualityLimitationDurations
    let seconds = Int(durations.none + durations.cpu + durations.bandwidth)
    // The most important is the first.
    var parts = [
      "\(time(seconds))  \(limit.size) \(Int(outbound.framesPerSecond.rounded())) fps",
      "\(outbound.bitrate / 1000) kbit/s",
      statistics.pathKind,
    ]
    if let reason = limit.reason { parts.append(reason) }
    if let time = statistics.roundTripTime { parts.append("rtt \(milliseconds(time)) ms") }
    if let remote = statistics.remoteInboundRTP {
      parts.append("loss \(Int((remote.fractionLost * 100).rounded())) %")
    }
    var line = ""
    for part in parts {
      let longer = line.isEmpty ? part : "\(line)  \(part)"
      guard longer.count <= width else { break }
      line = longer
    }
    // Not even the first part fits: the terminal cuts it.
    return line.isEmpty ? parts[0] : line
  }

  private static func time(_ seconds: Int) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    return hours > 0
      ? "\(hours):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
  }

  private static func milliseconds(_ seconds: Double) -> String {
    seconds < 0.0005 ? "<1" : "\(Int((seconds * 1000).rounded()))"
  }

  func report(notice: String) {
    StandardStream.error(PrintableText.from(notice))
  }

  func report(_ error: CommandError) {
    StandardStream.error("jinglecam: \(PrintableText.from(error.description))")
  }

  func report(_ summary: CallSummary, _ status: ExitStatus) { report(summary) }

  func report(_ summary: CallSummary) {
    // A peer's reason is part of it, and must not forge lines or command the terminal.
    var text = PrintableText.from(summary.text)
    if let statistics = summary.statistics, summary.duration > 0 {
      let outbound = statistics.outboundRTP
      let rate = Int(Double(outbound.bytesSent) * 8 / summary.duration / 1000)
      text +=
        "\n\(Int(summary.duration.rounded())) s, \(outbound.framesSent) frames, \(rate) kbit/s, "
        + "\(outbound.packetsSent) packets (\(outbound.retransmittedPacketsSent) sent again), "
        + statistics.pathKind
    }
    StandardStream.error(text)
  }

  private static let words: [CallState: String] = [
    .loggingIn: "logging in", .calling: "calling", .ringing: "ringing", .connecting: "accepted, connecting",
    .streaming: "streaming",
  ]
}
