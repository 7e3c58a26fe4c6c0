import Glibc

/// A file that holds a password.
package struct SecretFile: Hashable, Sendable {
  package let path: String
  /// The permission bits (stat(2)).
  let mode: UInt32

  package init(path: String, mode: UInt32) {
    self.path = path
    self.mode = mode
  }

  /// nil: there is no such file, which whoever reads it tells.
  package static func look(at path: String) -> SecretFile? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return SecretFile(path: path, mode: status.st_mode & 0o777)
  }

  /// Others than its owner and their group may read it.
  package var isReadableByAll: Bool { mode & 0o004 != 0 }
}
