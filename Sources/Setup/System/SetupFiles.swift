import Capture
import Glibc
import Settings
import Studio
import XMPP

/// The settings and the password of a camera on the disk.
package struct SetupFiles: Sendable {
  package let paths: SetupPaths

  package init(_ paths: SetupPaths) {
    self.paths = paths
  }

  /// Whether the files can be written, which is asked before anything else.
  package func check() throws(SettingError) {
    var code = WrittenFile.probe(paths.settings)
    // A program that was not installed from a package has no directory yet.
    if code == ENOENT, geteuid() == 0, mkdir(paths.directory, 0o755) == 0 { code = 0 }
    guard code == 0 else {
      throw SettingError(
        "cannot write \(paths.settings): \(String(cString: strerror(code)))",
        cure: geteuid() == 0 ? nil : "run sudo jinglecam setup, or name a file of your own with --config", .cannotCreate
      )
    }
    // Beside a file of somebody's own there may be another password than the camera's.
    guard paths.unit == nil, Self.identity(of: paths.password) != nil, try !namesPasswordFile() else { return }
    throw SettingError(
      "\(paths.password) is there already, and \(paths.settings) does not name it",
      cure: "move it away, or take another name for --config", .cannotCreate)
  }

  private func namesPasswordFile() throws(SettingError) -> Bool {
    guard let text = try text() else { return false }
    let named = try ConfigurationFile.parse(text, path: paths.settings).values[.passwordFile]?.text
    return named.map { Self.identity(of: paths.absolute($0)) == Self.identity(of: paths.password) } ?? false
  }

  /// Which file it is; nil: there is none.
  private static func identity(of path: String) -> [UInt64]? {
    var status = stat()
    return stat(path, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
  }

  /// What is there so far.
  package func former() throws(SettingError) -> FormerSettings {
    guard let text = try text() else { return FormerSettings() }
    let settings = try ConfigurationFile.parse(text, path: paths.settings)
    let file = settings.values[.passwordFile]?.text ?? paths.password
    return FormerSettings(settings, password: try? Password.read(file: file))
  }

  /// Whether the settings can be changed as planned, which is asked before an account is created.
  package func check(_ plan: SetupPlan) throws(SettingError) { _ = try settings(plan, over: try text()) }

  /// The text of the settings.
  func settings(_ plan: SetupPlan, over former: String?) throws(SettingError) -> String {
    var change = plan.change
    // A unit is given the file by systemd, and the settings must not name another.
    change.values[.passwordFile] = .some(paths.unit == nil ? paths.password : nil)
    // A service runs in another directory than this program.
    change.values[.source] = isFile(plan.source) ? existing(plan.source) : plan.source
    change.values[.caFile] = .some(plan.account.caFile.map(existing))
    return try change.applied(to: former, path: paths.settings)
  }

  private func isFile(_ source: String) -> Bool {
    SourceFactory.isFile(source) || source != PipeSource.name && PipeSource.isPipe(source)
  }

  /// The absolute path of a file that is there.
  private func existing(_ path: String) -> String {
    let absolute = paths.absolute(path)
    return access(absolute, F_OK) == 0 ? absolute : path
  }

  /// Writes the password and then the settings. If the second fails, the first is as it was.
  package func write(_ plan: SetupPlan) throws(SettingError) {
    let settings = try settings(plan, over: try text())
    let former = try? Password.read(file: paths.password)
    try writePassword(plan.account.password, to: paths.password)
    do throws(SettingError) {
      // A unit reads them as another user.
      let mode: mode_t = plan.hasSecret && paths.unit == nil ? 0o600 : 0o644
      try WrittenFile.write(settings, to: paths.settings, mode: mode, isSecret: false)
    } catch {
      if let former {
        try? writePassword(former, to: paths.password)
      } else {
        unlink(paths.password)
      }
      throw error
    }
  }

  /// Keeps the password of an account that no settings name, beside that of one that they may name.
  ///
  /// - Returns: the file.
  func keep(_ account: AccountPlan) throws(SettingError) -> String {
    let path = "\(paths.password).\(account.jid.bare)"
    try writePassword(account.password, to: path)
    return path
  }

  private func writePassword(_ password: String, to path: String) throws(SettingError) {
    try WrittenFile.write(password + "\n", to: path, mode: 0o600, isSecret: true)
  }

  /// What is to be told if everybody on this computer can read a password in the settings.
  func warning(after plan: SetupPlan) -> String? {
    guard plan.hasSecret, SecretFile.look(at: paths.settings)?.isReadableByAll == true else { return nil }
    return "Everybody on this computer can read the password of the source in \(paths.settings)."
  }

  private func text() throws(SettingError) -> String? {
    access(paths.settings, F_OK) == 0 ? try ConfigurationFile.text(of: paths.settings) : nil
  }
}
