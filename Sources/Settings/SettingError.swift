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
  }

  package let cause: String
  /// nil where the cause says it all.
  package let cure: String?
  package let kind: Kind

  package var description: String { [cause, cure].compactMap { $0 }.joined(separator: "; ") }

  package init(_ cause: String, cure: String? = nil, _ kind: Kind) {
    // Which may quote what somebody else wrote.
    self.cause = PrintableText.from(cause)
    self.cure = cure.map { PrintableText.from($0) }
    self.kind = kind
  }
}
