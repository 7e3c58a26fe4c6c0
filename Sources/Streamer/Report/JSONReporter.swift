import FoundationEssentials

/// One JSON object a line on standard output: `{"type":"state"|"stats"|…, "timestamp": milliseconds, …}`.
package struct JSONReporter: Reporter {
  private struct Line<Body: Encodable>: Encodable {
    let type: String
    let body: Body

    enum CodingKeys: String, CodingKey {
      case type
      case timestamp
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(type, forKey: .type)
      // Milliseconds since the Unix epoch, as DOMHighResTimeStamp in webrtc-stats.
      try container.encode((Date().timeIntervalSince1970 * 1000).rounded(), forKey: .timestamp)
      try body.encode(to: encoder)
    }
  }

  private struct State: Encodable {
    let state: CallState
    let detail: String?
  }

  private struct Notice: Encodable {
    let text: String
  }

  private struct Failure: Encodable {
    let text: String
    let status: Int32
  }

  package init() {}

  package func report(_ state: CallState, detail: String?) {
    write("state", State(state: state, detail: detail))
  }

  package func report(_ statistics: CallStatistics) {
    write("stats", statistics)
  }

  package func report(notice: String) {
    write("notice", Notice(text: notice))
  }

  package func report(_ error: CommandError) {
    StandardStream.error("jinglecam: \(PrintableText.from(error.description))")
    write("error", Failure(text: error.description, status: error.status.rawValue))
  }

  package func report(_ summary: CallSummary) {
    write("summary", summary)
  }

  private func write(_ type: String, _ body: some Encodable) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let line = try? encoder.encode(Line(type: type, body: body)) else { return }
    StandardStream.output(String(decoding: line, as: UTF8.self))
  }
}
