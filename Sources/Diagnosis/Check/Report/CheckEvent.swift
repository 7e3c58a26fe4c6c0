import Network

/// One step of `jinglecam check`: a line for people, and an object for programs, whose fields the page Checking tells.
package protocol CheckEvent: Encodable, Sendable {
  /// In JSON, and at the beginning of the line.
  static var type: String { get }
  /// Seconds that the step took.
  var time: Double { get }
  /// The same as text for people.
  var timeText: String { get }
  var text: String { get }
  /// Whether people need not be told.
  var isForPrograms: Bool { get }
}

extension CheckEvent {
  package var timeText: String { CheckText.time(time) }
  package var isForPrograms: Bool { false }

  /// The line for people.
  package var textLine: String {
    let time = timeText
    // Servers name themselves, and must not command the terminal.
    return "\(Self.column(Self.type, 11))\(Self.column("", 8 - time.count))\(time)  \(PrintableText.from(text))"
  }

  private static func column(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
