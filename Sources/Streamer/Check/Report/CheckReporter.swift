import NIOCore
import Network

/// Tells the steps of a check as they are done: a line each on standard output, for people or as JSON.
package struct CheckReporter: Sendable {
  /// Of the JSON format; it grows where a field changes its meaning or goes.
  static let version = 1

  /// They want everything.
  var isForPrograms: Bool { json }

  private let json: Bool
  private let output: @Sendable (String) -> Void

  package init(json: Bool) {
    self.init(json: json, output: StandardStream.output)
  }

  init(json: Bool, output: @escaping @Sendable (String) -> Void) {
    self.json = json
    self.output = output
  }

  func report<Event: CheckEvent>(_ event: Event) {
    if json {
      if let line = JSONLine(type: Event.type, version: Self.version, body: event).text { output(line) }
    } else {
      let label = Event.type + Self.spaces(11 - Event.type.count)
      let time = event.timeText
      // Servers name themselves, and must not command the terminal.
      output("\(label)\(Self.spaces(8 - time.count))\(time)  \(PrintableText.from(event.text))")
    }
  }

  private static func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

  /// What kept it from being checked.
  package func report(_ error: CommandError) {
    StandardStream.error("jinglecam: \(PrintableText.from(error.description))")
    guard json else { return }
    if let line = JSONLine(type: "error", version: Self.version, body: ErrorReport(error)).text { output(line) }
  }
}
