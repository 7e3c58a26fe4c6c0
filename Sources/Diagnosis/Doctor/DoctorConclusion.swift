/// What the findings of `jinglecam doctor` come to.
package struct DoctorConclusion: Equatable, Sendable {
  package let problems: Int
  package let warnings: Int
  /// The cause of the first problem, which often causes the others; nil where there is no problem.
  package let cause: DoctorFinding.Cause?
  /// Whether `serve` would come online and show a picture: a problem of the paths or of the clock may keep some calls from
  /// coming about, and others not.
  package let canServe: Bool

  init(_ findings: [DoctorFinding]) {
    problems = findings.count { $0.level == .problem }
    warnings = findings.count { $0.level == .warning }
    cause = findings.first { $0.level == .problem }?.cause
    canServe = !findings.contains { $0.level == .problem && ![.path, .clock].contains($0.subject) }
  }

  package var text: String {
    guard problems + warnings > 0 else { return "All is well." }
    let parts = [Self.count(problems, "problem"), Self.count(warnings, "warning")].compactMap { $0 }
    return parts.joined(separator: " and ") + (problems > 0 ? "." : "; jinglecam serve works.")
  }

  private static func count(_ count: Int, _ noun: String) -> String? {
    count == 0 ? nil : "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}
