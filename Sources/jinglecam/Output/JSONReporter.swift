import Call
import Network
import Streamer

/// One JSON object a line on standard output: `{"type":"state"|"stats"|…, "timestamp": milliseconds, …}`.
struct JSONReporter: CommandReporter {
  private struct State: Encodable {
    let state: CallState
    let detail: String?
  }

  private struct Notice: Encodable {
    let text: String
  }

  /// The version of the JSON format, which grows when a field changes its meaning or is removed.
  static let version = 1

  /// The peer's full JID and the session's id.
  private let call: (jid: String, sid: String)?

  init() {
    call = nil
  }

  /// Reports one call among others, in a log that lasts for months, and so without the statistics of each second.
  init(jid: String, sid: String) {
    call = (jid, sid)
  }

  func report(_ state: CallState, detail: String?) {
    write("state", State(state: state, detail: detail))
  }

  func report(_ statistics: CallStatistics) {
    guard call == nil else { return }
    write("stats", statistics)
  }

  /// Where there are statistics, they say it each second.
  func report(_ limit: PictureLimit) {
    guard call != nil else { return }
    report(notice: limit.text)
  }

  func report(notice: String) {
    write("notice", Notice(text: notice))
  }

  func report(_ error: CommandError) {
    if call == nil { StandardStream.error("jinglecam: \(PrintableText.from(error.description))") }
    write("error", ErrorReport(error))
  }

  func report(_ summary: CallSummary, _ status: ExitStatus) {
    write("summary", FinalReport(body: summary, status: status))
  }

  func report(_ summary: CallSummary) {
    write("summary", summary)
  }

  private func write(_ type: String, _ body: some Encodable) {
    if let line = JSONLine(type: type, version: Self.version, jid: call?.jid, sid: call?.sid, body: body).text {
      StandardStream.output(line)
    }
  }
}
