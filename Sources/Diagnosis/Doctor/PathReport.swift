/// Whether calls will go through: the verdict of `check`.
struct PathReport: Sendable {
  var findings: CheckFindings

  var doctorFindings: [DoctorFinding] {
    [finding(CheckVerdict(findings))] + refusals
  }

  private func finding(_ verdict: CheckVerdict) -> DoctorFinding {
    let text = Self.clause(verdict.text)
    let fix = Self.clause(verdict.advice)
    switch verdict.outcome {
    case .noPath: return .problem(.path, text, fix: fix, .unavailable)
    case .relayCredentialsRefused: return .problem(.path, text, fix: fix, .relayCredentials)
    case .direct, .relayOnly: return verdict.needsNoChange ? .ok(.path, text) : .warning(.path, text, fix: fix)
    }
  }

  /// The user's own TURN servers that refuse the credentials, where another server takes them. Where none does, the verdict
  /// says so.
  private var refusals: [DoctorFinding] {
    let offered = findings.relays.filter(\.isOffered)
    guard offered.contains(where: \.isUsable) else { return [] }
    return offered.filter { $0.isRefused && $0.isNamedByUser }.map {
      .warning(
        .path, "\($0.url) refuses the credentials",
        fix: "set JINGLECAM_TURN_USERNAME and JINGLECAM_TURN_PASSWORD, or turn in the file, to those it knows")
    }
  }

  private static func clause(_ sentence: String) -> String {
    sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
  }
}
