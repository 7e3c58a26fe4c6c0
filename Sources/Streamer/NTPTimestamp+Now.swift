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
