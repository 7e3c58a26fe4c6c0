import Network

/// What is wrong with something that the program was told, and what to write: one line for a person.
package struct SettingError: Error, Equatable, CustomStringConvertible {
  package enum Kind: Sendable {
    /// A value, on the command line or in a chat.
    case usage
    /// The configuration file, or a secret that it or the environment has to hold.
    case configuration
    /// A file that is named cannot be read.
    case noInput
    /// A file that is named cannot be written.
    case cannotCreate
  }

  /// The setting whose value is wrong, as it is written where it is given.
  package enum Subject: Equatable, Sendable, CustomStringConvertible {
    /// An option of the command line, without its dashes.
    case option(String)
    /// An argument of the command line that is no option.
    case argument(String)
    /// A key of the configuration file.
    case key(String)

    package var name: String {
      switch self {
      case .option(let name), .argument(let name), .key(let name): name
      }
    }

    package var description: String {
      switch self {
      case .option(let name): "--\(name)"
      case .argument(let name), .key(let name): name
      }
    }
  }

  /// nil where the cause says which setting it is, or it is none.
  package private(set) var subject: Subject?
  /// `FILE:LINE`; nil on the command line and in a chat.
  private var place: String?
  private let reason: String
  /// nil where the cause says it all.
  package let cure: String?
  package private(set) var kind: Kind

  package init(of subject: Subject? = nil, _ reason: String, cure: String? = nil, _ kind: Kind) {
    self.subject = subject
    // Which may quote what somebody else wrote.
    self.reason = PrintableText.from(reason)
    self.cure = cure.map { PrintableText.from($0) }
    self.kind = kind
  }

  /// Of the configuration file; nil if it is of none.
  var line: Int? { place?.split(separator: ":").last.flatMap { Int($0) } }

  /// What is wrong, where.
  package var cause: String { [place.map { "\($0):" }, subject?.description, reason].words }

  package var description: String { withCure(cause) }

  /// For a form, whose fields have the names of the settings.
  package var textOfField: String { withCure([subject?.name, reason].words) }

  private func withCure(_ text: String) -> String { cure.map { "\(text); \($0)" } ?? text }

  /// The same of another subject.
  package func of(_ subject: Subject) -> SettingError {
    var error = self
    error.subject = subject
    return error
  }

  /// The same of a line of the configuration file.
  func at(_ place: String) -> SettingError {
    var error = self
    error.place = PrintableText.from(place)
    error.kind = .configuration
    return error
  }
}

extension [String?] {
  fileprivate var words: String { lazy.compactMap { $0 }.joined(separator: " ") }
}
