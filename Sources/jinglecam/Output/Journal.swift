import Glibc
import Logging

/// systemd's journal: it has the time of a line itself, and its level from the line's beginning.
enum Journal {
  /// "the device and inode number of the file descriptor are formatted in decimal, separated by a colon"
  /// (systemd.exec(5), on `JOURNAL_STREAM`).
  static func isStream(_ descriptor: CInt, named name: String?) -> Bool {
    var status = stat()
    guard let name, fstat(descriptor, &status) == 0 else { return false }
    return name == "\(status.st_dev):\(status.st_ino)"
  }

  /// sd-daemon(3): syslog's level in brackets.
  static func prefix(of level: Logger.Level) -> String {
    let number =
      switch level {
      case .trace, .debug: LOG_DEBUG
      case .info: LOG_INFO
      case .notice: LOG_NOTICE
      case .warning: LOG_WARNING
      case .error: LOG_ERR
      case .critical: LOG_CRIT
      }
    return "<\(number)>"
  }
}
