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

  package let description: String
  package let kind: Kind

  package init(_ description: String, _ kind: Kind) {
    // Which may quote what somebody else wrote.
    self.description = PrintableText.from(description)
    self.kind = kind
  }
}
