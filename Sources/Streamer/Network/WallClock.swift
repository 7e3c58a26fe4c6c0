import Glibc
import RTP

extension NTPTimestamp {
  /// The wall clock, read once a session (see `SessionClock`).
  static var now: NTPTimestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return NTPTimestamp(secondsSince1970: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
  }
}

/// For what others tell in wall-clock time.
enum WallClock {
  static var secondsSince1970: Int64 { Int64(time(nil)) }

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
