import Glibc

/// A file that holds a password.
struct SecretFile: Hashable, Sendable {
  let path: String
  /// The permission bits (stat(2)).
  let mode: UInt32

  /// nil: there is no such file, which whoever reads it tells.
  static func look(at path: String) -> SecretFile? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return SecretFile(path: path, mode: status.st_mode & 0o777)
  }

  /// nil: only its owner and their group may read it.
  var finding: DoctorFinding? {
    guard mode & 0o004 != 0 else { return nil }
    return .warning(
      .password, "everybody on this computer may read the password in \(path)", fix: "chmod 600 '\(path)'")
  }
}
