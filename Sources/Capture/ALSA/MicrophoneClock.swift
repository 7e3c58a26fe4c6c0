import Glibc
import NIOCore

/// The monotonic clock, which ALSA's timestamps are of; a test has another in its place.
struct MicrophoneClock {
  let now: () -> NIODeadline
  /// Blocks the calling thread until that time.
  let sleep: (NIODeadline) -> Void

  static var monotonic: MicrophoneClock {
    MicrophoneClock(now: { .now() }) { deadline in
      let nanoseconds = deadline.uptimeNanoseconds
      var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
      while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }
  }
}
