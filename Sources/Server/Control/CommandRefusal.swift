import Capture
import Network
import Settings

/// Why a command of a chat or a menu is not done, in a line for who gave it.
struct CommandRefusal: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    // Which may quote what somebody else wrote.
    self.description = PrintableText.from(description)
  }

  init(_ error: CaptureError) {
    // The command line has an option for it, and a form a field.
    if case .invalidControl(let reason) = error { self.init("control: \(reason)") } else { self.init("\(error)") }
  }

  /// What `body` makes, or its error as a refusal.
  static func translating<Value>(_ body: () throws(SettingError) -> Value) throws(CommandRefusal) -> Value {
    do throws(SettingError) {
      return try body()
    } catch {
      throw CommandRefusal(error.textOfField)
    }
  }
}
