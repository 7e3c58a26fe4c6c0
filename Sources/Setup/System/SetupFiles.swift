import Glibc
import Settings

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
    guard code != 0 else { return }
    throw SettingError(
      "cannot write \(paths.settings): \(String(cString: strerror(code)))",
      cure: geteuid() == 0 ? nil : "run sudo jinglecam setup, or name a file of your own with --config", .cannotCreate)
  }

  /// What is there so far.
  package func former() throws(SettingError) -> FormerSettings {
    guard let text = try text() else { return FormerSettings() }
    let settings = try ConfigurationFile.parse(text, path: paths.settings)
    let file = settings.values[.passwordFile]?.text ?? paths.password
    return FormerSettings(settings, password: try? Password.read(file: file))
  }

  /// Writes the password and then the settings. If the second fails, the first is as it was.
  package func write(_ plan: SetupPlan) throws(SettingError) {
    var change = plan.change
    // A unit is given the file by systemd.
    if paths.unit == nil { change.values[.passwordFile] = paths.password }
    let settings = try change.applied(to: try text(), path: paths.settings)
    let former = try? Password.read(file: paths.password)
    try WrittenFile.write(plan.account.password + "\n", to: paths.password, mode: 0o600, isSecret: true)
    do throws(SettingError) {
      try WrittenFile.write(settings, to: paths.settings, mode: 0o644, isSecret: false)
    } catch {
      if let former {
        try? WrittenFile.write(former + "\n", to: paths.password, mode: 0o600, isSecret: true)
      } else {
        unlink(paths.password)
      }
      throw error
    }
  }

  private func text() throws(SettingError) -> String? {
    access(paths.settings, F_OK) == 0 ? try ConfigurationFile.text(of: paths.settings) : nil
  }
}
