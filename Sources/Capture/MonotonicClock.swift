import Glibc
import NIOCore

/// Sleeping on the clock that NIODeadline counts and that V4L2 and ALSA have their timestamps of.
package enum MonotonicClock {
  /// Blocks this thread until `deadline`, also across signals. The deadline is the event awaited: a frame's due time.
  package static func sleep(until deadline: NIODeadline) {
    let nanoseconds = deadline.uptimeNanoseconds
    var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
  }
}
