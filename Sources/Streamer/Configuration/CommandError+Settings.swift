import Account
import Settings

extension CommandError {
  package init(_ error: SettingError) {
    let status: ExitStatus =
      switch error.kind {
      case .usage: .usage
      case .configuration: .configuration
      case .noInput: .noInput
      }
    self.init(error.description, status)
  }

  /// What `body` makes of settings.
  package static func checking<Value>(_ body: () throws(SettingError) -> Value) throws(CommandError) -> Value {
    do throws(SettingError) {
      return try body()
    } catch {
      throw CommandError(error)
    }
  }
}

extension Account {
  func readPassword() throws(CommandError) -> String {
    try CommandError.checking { () throws(SettingError) in try Password.read(file: passwordFile) }
  }
}
