import Glibc

/// One line that is kept up to date on a terminal; plain lines where standard error is something else.
package struct TerminalReporter: Reporter {
  private let isTerminal: Bool

  package init() {
    isTerminal = isatty(STDERR_FILENO) == 1
  }

  package func report(_ state: CallState, detail: String?) {
    let text = [Self.words[state], detail].compactMap { $0 }.joined(separator: ": ")
    print(text, isTransient: isTerminal && state != .ended)
  }

  package func report(_ statistics: CallStatistics) {
    guard isTerminal else { return }
    let outbound = statistics.outboundRTP
    var parts = [
      "streaming", "\(Int(outbound.framesPerSecond.rounded())) fps", "\(outbound.bitrate / 1000) kbit/s",
    ]
    if let time = statistics.remoteInboundRTP?.roundTripTime ?? statistics.candidatePair.currentRoundTripTime {
      parts.append("rtt \(Int((time * 1000).rounded())) ms")
    }
    if let remote = statistics.remoteInboundRTP {
      parts.append("loss \(Int((remote.fractionLost * 100).rounded())) %")
    }
    parts.append(statistics.candidatePair.pathKind)
    print(parts.joined(separator: "  "), isTransient: true)
  }

  package func report(_ summary: CallSummary) {
    var text = summary.text
    if let statistics = summary.statistics, summary.duration > 0 {
      let outbound = statistics.outboundRTP
      let rate = Int(Double(outbound.bytesSent) * 8 / summary.duration / 1000)
      text +=
        "\n\(Int(summary.duration.rounded())) s, \(outbound.framesSent) frames, \(rate) kbit/s, "
        + "\(outbound.packetsSent) packets (\(outbound.retransmittedPacketsSent) sent again), "
        + statistics.candidatePair.pathKind
    }
    print(text, isTransient: false)
  }

  private static let words: [CallState: String] = [
    .loggingIn: "logging in", .calling: "calling", .ringing: "ringing", .connecting: "accepted, connecting",
    .streaming: "streaming", .ended: "ended",
  ]

  private func print(_ text: String, isTransient: Bool) {
    // Carriage return, erase to the end of the line: the next one overwrites this one.
    StandardStream.write(
      (isTerminal ? "\r\u{1b}[K" : "") + text + (isTransient ? "" : "\n"), to: STDERR_FILENO)
  }
}

extension CallStatistics.CandidatePair {
  /// `direct` or `relay`, as a person wants to know it.
  var pathKind: String {
    switch (localCandidateType, remoteCandidateType) {
    case (nil, _), (_, nil): "no path"
    case ("relay", _), (_, "relay"): "relay"
    default: "direct"
    }
  }
}
