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
      output(Self.line(finding.level.mark(style), finding.subject.rawValue, text))
    }
  }

  /// A line for people of something that was done.
  func line(done subject: String, _ text: String) -> String {
    Self.line(DoctorFinding.Level.mark("done", .green, style), subject, text)
  }

  private static func line(_ mark: String, _ subject: String, _ text: String) -> String {
    // Servers and devices name themselves, and must not command the terminal.
    mark + subject + String(repeating: " ", count: max(1, 15 - subject.count)) + PrintableText.from(text)
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
    return Self.mark(rawValue, colour, style)
  }

  fileprivate static func mark(_ text: String, _ colour: TextStyle.Colour, _ style: TextStyle) -> String {
    style(text, colour) + String(repeating: " ", count: max(1, markWidth - text.count))
  }
}
