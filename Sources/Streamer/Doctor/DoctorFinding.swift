/// One line of `jinglecam doctor`: what was looked at, whether all is well with it, and what to do where it is not.
struct DoctorFinding: Hashable, Sendable {
  enum Subject: String, Encodable, Sendable {
    case configuration, password, permissions, memory, camera, format, capture, encoder, login, server, contacts, path
    case clock
  }

  enum Level: String, Encodable, Sendable {
    case ok
    /// `serve` works, and not as well as it could.
    case warning
    /// `serve` does not.
    case problem
  }

  let subject: Subject
  let level: Level
  let text: String
  /// nil: nothing needs to be done.
  let fix: String?
  let status: ExitStatus

  static func ok(_ subject: Subject, _ text: String) -> DoctorFinding {
    DoctorFinding(subject: subject, level: .ok, text: text, fix: nil, status: .success)
  }

  static func warning(_ subject: Subject, _ text: String, fix: String) -> DoctorFinding {
    DoctorFinding(subject: subject, level: .warning, text: text, fix: fix, status: .success)
  }

  static func problem(_ subject: Subject, _ text: String, fix: String, _ status: ExitStatus) -> DoctorFinding {
    DoctorFinding(subject: subject, level: .problem, text: text, fix: fix, status: status)
  }

  /// What is wrong with a setting; most of these lines say after a semicolon what to do.
  static func problem(_ subject: Subject, _ error: CommandError, fix: String) -> DoctorFinding {
    guard let semicolon = error.description.firstRange(of: "; ") else {
      return problem(subject, error.description, fix: fix, error.status)
    }
    let text = String(error.description[..<semicolon.lowerBound])
    return problem(subject, text, fix: String(error.description[semicolon.upperBound...]), error.status)
  }
}
