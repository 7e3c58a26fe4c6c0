import Network

/// Why a command of a chat or a menu is not done, in a line for who gave it.
struct CommandRefusal: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    // Which may quote what somebody else wrote.
    self.description = PrintableText.from(description)
  }

  /// What `body` makes, or its error as a refusal.
  static func translating<Value, Failure: Error & CustomStringConvertible>(
    _ body: () throws(Failure) -> Value
  ) throws(CommandRefusal) -> Value {
    do throws(Failure) {
      return try body()
    } catch {
      throw CommandRefusal(error.description)
    }
  }
}
