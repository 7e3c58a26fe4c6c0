/// What the findings of `jinglecam doctor` come to.
struct DoctorConclusion: Hashable, Sendable {
  let problems: Int
  let warnings: Int
  /// That of the first problem, which is often the cause of others.
  let status: ExitStatus

  init(_ findings: [DoctorFinding]) {
    problems = findings.count { $0.level == .problem }
    warnings = findings.count { $0.level == .warning }
    status = findings.first { $0.level == .problem }?.status ?? .success
  }

  var text: String {
    guard problems + warnings > 0 else { return "All is well." }
    let parts = [Self.count(problems, "problem"), Self.count(warnings, "warning")].compactMap { $0 }
    return parts.joined(separator: " and ") + (problems > 0 ? "." : "; jinglecam serve works.")
  }

  private static func count(_ count: Int, _ noun: String) -> String? {
    count == 0 ? nil : "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}
