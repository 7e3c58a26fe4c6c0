import Diagnosis
import NIOCore
import Network
import Streamer

/// Prints the steps of a check as they are done: a line each on standard output, for people or as JSON.
struct CheckPrinter: CheckReporter {
  /// The version of the JSON format, which grows where a field changes its meaning or is removed.
  static let version = 1

  /// A verdict with the exit code that goes with it.
  private struct Verdict: Encodable {
    let event: VerdictEvent
    let status: Int32

    private enum CodingKeys: String, CodingKey { case status }

    func encode(to encoder: any Encoder) throws {
      try event.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(status, forKey: .status)
    }
  }

  let json: Bool
  var output: @Sendable (String) -> Void = StandardStream.output

  func report<Event: CheckEvent>(_ event: Event) {
    if json {
      write(Event.type, event)
    } else if !event.isForPrograms {
      output(event.textLine)
    }
  }

  func report(_ verdict: CheckVerdict, time: TimeAmount) {
    let event = VerdictEvent(verdict, time: time)
    if json {
      write(VerdictEvent.type, Verdict(event: event, status: ExitStatus(verdict.outcome).rawValue))
    } else {
      output(event.textLine)
    }
  }

  func report(_ error: StreamError) { report(CommandError(error)) }

  /// What kept it from being checked.
  func report(_ error: CommandError) {
    StandardStream.error("jinglecam: \(error)")
    if json { write("error", ErrorReport(error)) }
  }

  private func write(_ type: String, _ body: some Encodable) {
    if let line = JSONLine(type: type, version: Self.version, body: body).text { output(line) }
  }
}
