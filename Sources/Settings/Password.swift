import Glibc

/// Where a secret comes from: the environment or a file, never an argument that `ps` would show.
package enum Password {
  /// A file longer than this is not a password file.
  private static let limit = 4096

  /// The account's password, from `--password-file` or `JINGLECAM_PASSWORD`.
  package static func read(file: String?) throws(SettingError) -> String {
    if let file {
      return try firstLine(of: file)
    }
    guard let password = environment("JINGLECAM_PASSWORD"), !password.isEmpty else {
      throw SettingError("no password: set JINGLECAM_PASSWORD or give --password-file FILE", .configuration)
    }
    return password
  }

  /// The credential `password` of the service's unit (systemd.exec(5): LoadCredential), where it has one.
  package static var systemdCredential: String? {
    guard let directory = getenv("CREDENTIALS_DIRECTORY").map({ String(cString: $0) }) else { return nil }
    let file = "\(directory)/password"
    return access(file, R_OK) == 0 ? file : nil
  }

  /// Reads a variable and removes it, so that no child inherits it.
  package static func environment(_ name: String) -> String? {
    guard let value = getenv(name).map({ String(cString: $0) }) else { return nil }
    unsetenv(name)
    return value
  }

  private static func firstLine(of path: String) throws(SettingError) -> String {
    func unreadable() -> SettingError {
      let reason = String(cString: strerror(errno))
      // It is not repeated: what names no directory and no file may be the password.
      guard path.contains("/") || errno != ENOENT else {
        return SettingError(
          "cannot read the password file: \(reason)", cure: "name a file whose first line is the password", .noInput)
      }
      return SettingError("cannot read the password file \(path): \(reason)", .noInput)
    }
    guard let file = fopen(path, "re") else { throw unreadable() }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = fread(&bytes, 1, limit, file)
    // A directory can be opened.
    guard ferror(file) == 0 else { throw unreadable() }
    let line = bytes[..<count].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    guard !line.isEmpty else {
      throw SettingError("the password file \(path) has no password in its first line", .configuration)
    }
    guard let password = String(validating: line, as: UTF8.self) else {
      throw SettingError("the password file \(path) is not UTF-8 text", cure: "save it as UTF-8", .configuration)
    }
    return password
  }
}
