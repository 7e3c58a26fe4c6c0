import Glibc
import Settings

/// Writes a file at once: whoever reads it sees what it was, or what it is now, and so does the next start after a power
/// failure.
enum WrittenFile {
  /// Whether the file could be written: 0, or an errno.
  static func probe(_ path: String) -> Int32 {
    let temporary = temporary(path)
    let descriptor = create(temporary)
    guard descriptor >= 0 else { return errno }
    close(descriptor)
    unlink(temporary)
    return 0
  }

  private static func temporary(_ path: String) -> String { "\(path).\(getpid()).new" }

  private static func create(_ path: String) -> Int32 {
    open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
  }

  /// - Parameters:
  ///   - mode: of a file that is new, or always if `isSecret`; another keeps its owner and mode.
  /// - Throws: `SettingError`.
  static func write(_ text: String, to path: String, mode: mode_t, isSecret: Bool) throws(SettingError) {
    let temporary = temporary(path)
    func failure() -> SettingError {
      let reason = String(cString: strerror(errno))
      unlink(temporary)
      return SettingError("cannot write \(path): \(reason)", .cannotCreate)
    }
    let descriptor = create(temporary)
    guard descriptor >= 0 else { throw failure() }
    var (owner, group, mode) = (geteuid(), getegid(), mode)
    var former = stat()
    if stat(path, &former) == 0 {
      (owner, group) = (former.st_uid, former.st_gid)
      if !isSecret { mode = former.st_mode & 0o777 }
    }
    var text = text
    let isWritten = text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      }
      return true
    }
    let isInOrder =
      isWritten && fchown(descriptor, owner, group) == 0 && fchmod(descriptor, mode) == 0 && fsync(descriptor) == 0
    guard close(descriptor) == 0, isInOrder, rename(temporary, path) == 0 else { throw failure() }
  }
}
