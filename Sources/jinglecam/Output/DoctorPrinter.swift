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
      output(Self.line(finding.level.rawValue, finding.subject.rawValue, text))
    }
  }

  /// A line for people.
  static func line(_ level: String, _ subject: String, _ text: String) -> String {
    // Servers and devices name themselves, and must not command the terminal.
    column(level, 9) + column(subject, 15) + PrintableText.from(text)
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
