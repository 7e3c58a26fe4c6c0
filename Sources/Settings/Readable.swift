import Glibc

/// Says early, in one line, that a file named by an option cannot be read.
package enum Readable {
  package static func check(_ path: String, option: String) throws(SettingError) {
    guard access(path, R_OK) == 0 else {
      throw SettingError(of: .option(option), "\(path): \(String(cString: strerror(errno)))", .noInput)
    }
  }
}
