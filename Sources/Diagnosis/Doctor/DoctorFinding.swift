import Account
import Capture
import Settings

/// One line of `jinglecam doctor`: what was looked at, whether all is well with it, and what to do where it is not.
package struct DoctorFinding: Equatable, Sendable {
  package enum Subject: String, Encodable, Sendable {
    case configuration, password, permissions, memory, camera, format, capture, encoder, microphone, speaker, login
    case server, contacts, path, clock
  }

  package enum Level: String, Encodable, Sendable {
    case ok
    /// `serve` works, and not as well as it could.
    case warning
    /// `serve` does not.
    case problem
    /// It could not be looked at, because something else is missing.
    case skipped
  }

  /// What kind of thing is wrong, for a program that has to choose what to do.
  package enum Cause: Equatable, Sendable {
    case setting(SettingError.Kind)
    case account(XMPPClientError.Kind)
    case source(CaptureError)
    /// What the source gives cannot be encoded.
    case encoder
    /// This process may not do what it has to.
    case permission
    /// The clock is wrong.
    case clock
    /// The source gives nothing, or there is no path for media.
    case unavailable
    /// This computer is too slow for what is asked for.
    case load
    /// A TURN server refuses the credentials.
    case relayCredentials
  }

  package let subject: Subject
  package let level: Level
  package let text: String
  /// nil: nothing needs to be done.
  package let fix: String?
  /// nil: there is no problem.
  package let cause: Cause?

  static func ok(_ subject: Subject, _ text: String) -> DoctorFinding {
    DoctorFinding(subject: subject, level: .ok, text: text, fix: nil, cause: nil)
  }

  static func skipped(_ subject: Subject, _ reason: String) -> DoctorFinding {
    DoctorFinding(subject: subject, level: .skipped, text: reason, fix: nil, cause: nil)
  }

  static func warning(_ subject: Subject, _ text: String, fix: String) -> DoctorFinding {
    DoctorFinding(subject: subject, level: .warning, text: text, fix: fix, cause: nil)
  }

  static func problem(_ subject: Subject, _ text: String, fix: String, _ cause: Cause) -> DoctorFinding {
    DoctorFinding(subject: subject, level: .problem, text: text, fix: fix, cause: cause)
  }
}
