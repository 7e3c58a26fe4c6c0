/// One JSON object a line on standard output: `{"type":"state"|"stats"|…, "timestamp": milliseconds, …}`.
package struct JSONReporter: Reporter {
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
    if let line = JSONLine(type: type, body: body).text { StandardStream.output(line) }
  }
}
