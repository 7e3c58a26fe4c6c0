import NIOCore
import Network

@testable import Server

extension FuzzTarget {
  /// What the socket of a service says to `jinglecam stats`, which root runs, and the service is less trusted.
  static let status = FuzzTarget(text: "status", seeds: seeds, words: words) { bytes in
    guard let status = ServiceStatus(json: String(buffer: bytes)) else { return }
    let json = status.json
    require(!json.contains("\n"), "more than one line: \(json)")
    require(ServiceStatus(json: json) == status, "it reads otherwise what it wrote: \(json)")
    let shown = status.printable
    var texts = [shown.program, shown.jid, shown.state, shown.source, shown.pairing?.code ?? ""]
    for call in shown.calls { texts += [call.jid, call.qualityLimitationReason ?? "", call.path ?? ""] }
    for event in shown.events {
      texts += [event.level, event.text] + event.metadata.flatMap { [$0.key, $0.value] }
    }
    for text in texts { require(PrintableText.from(text) == text, "not fit for a terminal: \(text)") }
    require(shown.printable == shown)
  }

  private static let seeds: [String] = {
    var call = ServiceStatus.Call(jid: "ann@example.net/phone")
    (call.duration, call.frameWidth, call.frameHeight, call.framesPerSecond) = (3, 640, 480, 24.98)
    (call.bitrate, call.availableOutgoingBitrate, call.path) = (500_000, 2_000_000, "direct")
    (call.qualityLimitationReason, call.roundTripTime, call.fractionLost) = ("cpu", 0.0125, 0.01)
    let event = ServiceStatus.Event(
      time: 1_700_000_000, level: "notice", text: "call ended", metadata: ["jid": "ann@example.net", "cause": "a b"])
    let status = ServiceStatus(
      timestamp: 1_700_000_000_000, program: "0.1.0", jid: "cam@example.net/x", isConnected: true, state: "ready",
      source: "pattern", uptime: 60, maximumViewers: 4, allowed: 0, pairing: .init(code: "1234 5678", expiresIn: 599),
      calls: [call, .init(jid: "b")], events: [event])
    return [status.json]
  }()

  private static let words = [
    "\\u001b[2J", "\\u202e", "\\u009b", "\\u0000", "\\ud800", "\\n", "{", "}", "[", "]", "\"", ":", ",", "null", "true",
    "-1", "1e308", "1e999", "9223372036854775807", "18446744073709551616", "0.1", "\"version\":1",
    "\"type\":\"status\"",
  ]
}
