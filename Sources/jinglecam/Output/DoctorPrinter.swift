import Diagnosis
import Network

/// Prints what `jinglecam doctor` finds as it is found: a line each on standard output, for people or as JSON.
struct DoctorPrinter: Sendable {
  /// The version of the JSON format, which grows where a field changes its meaning or is removed.
  static let version = 1

  private struct Line: Encodable {
    let subject: DoctorFinding.Subject
    let level: DoctorFinding.Level
    let text: String
    let fix: String?
    let status: Int32
  }

  private struct Conclusion: Encodable {
    let problems: Int
    let warnings: Int
    let status: Int32
  }

  let json: Bool
  var style = TextStyle.plain
  var output: @Sendable (String) -> Void = StandardStream.output

  func report(_ finding: DoctorFinding) {
    if json {
      write(
        "finding",
        Line(
          subject: finding.subject, level: finding.level, text: finding.text, fix: finding.fix,
          status: ExitStatus(finding.cause).rawValue))
    } else {
      let text = [finding.text, finding.fix].compactMap { $0 }.joined(separator: ": ")
      output(Self.line(finding.level.rawValue, finding.subject.rawValue, text, style))
    }
  }

  /// A line for people.
  static func line(
    _ level: String, _ subject: String, _ text: String, _ style: TextStyle = .plain
  ) -> String {
    // Servers and devices name themselves, and must not command the terminal.
    let mark = DoctorFinding.Level(rawValue: level)?.mark(style) ?? column(level, DoctorFinding.Level.markWidth)
    return mark + column(subject, 15) + PrintableText.from(text)
  }

  /// What it comes to.
  func report(_ conclusion: DoctorConclusion) {
    if json {
      write(
        "conclusion",
        Conclusion(
          problems: conclusion.problems, warnings: conclusion.warnings, status: ExitStatus(conclusion.cause).rawValue))
    } else {
      output(conclusion.text)
    }
  }

  /// What kept it from looking.
  func report(_ error: CommandError) {
    StandardStream.error("jinglecam: \(error)")
    if json { write("error", ErrorReport(error)) }
  }

  private func write(_ type: String, _ body: some Encodable) {
    if let line = JSONLine(type: type, version: Self.version, body: body).text { output(line) }
  }

  private static func column(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}

extension DoctorFinding.Level {
  /// The columns of ``mark(_:)``.
  static let markWidth = 9

  /// At the beginning of a line, in a colour where there are some.
  func mark(_ style: TextStyle) -> String {
    let colour: TextStyle.Colour =
      switch self {
      case .ok: .green
      case .warning: .yellow
      case .problem: .red
      case .skipped: .dim
      }
    return style(rawValue, colour) + String(repeating: " ", count: max(1, Self.markWidth - rawValue.count))
  }
}
