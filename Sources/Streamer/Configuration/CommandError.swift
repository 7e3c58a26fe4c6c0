import Network

/// One line that tells a person what is wrong and what to do, with the exit status that tells a program.
package struct CommandError: Error, Equatable, CustomStringConvertible {
  package let description: String
  package let status: ExitStatus

  package init(_ description: String, _ status: ExitStatus) {
    // Which may quote what somebody else wrote.
    self.description = PrintableText.from(description)
    self.status = status
  }
}
