import Capture
import Network
import Server
import Settings
import Setup
import Streamer

/// One line that tells a person what is wrong and what to do, with the exit status that tells a program.
struct CommandError: Error, Equatable, CustomStringConvertible {
  let description: String
  let status: ExitStatus

  init(_ error: SettingError) { self.init(error.description, ExitStatus(error.kind)) }
  init(_ error: CaptureError) { self.init(error.description, ExitStatus(error)) }
  init(_ error: StreamError) { self.init(error.description, ExitStatus(error)) }
  init(_ error: StatusSocket.Failure) { self.init(error.description, ExitStatus(error)) }
  init(_ error: ServeError) { self.init(error.description, ExitStatus(error)) }

  init(_ error: SetupError) { self.init(error.description, ExitStatus(error)) }

  private init(_ description: String, _ status: ExitStatus) {
    // Which may quote what somebody else wrote.
    self.description = PrintableText.from(description)
    self.status = status
  }

  /// What `body` makes of settings.
  static func checking<Value>(_ body: () throws(SettingError) -> Value) throws(CommandError) -> Value {
    do throws(SettingError) {
      return try body()
    } catch {
      throw CommandError(error)
    }
  }
}
