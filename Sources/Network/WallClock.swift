import Glibc

/// For what others tell in wall-clock time.
package enum WallClock {
  package static var secondsSince1970: Int64 { Int64(time(nil)) }

  /// The day in UTC, as ISO 8601 has it.
  static func date(_ secondsSince1970: Int64) -> String {
    var seconds = time_t(secondsSince1970)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
      strftime(buffer.baseAddress!, buffer.count, "%Y-%m-%d", &parts)
      return String(cString: buffer.baseAddress!)
    }
  }
}
