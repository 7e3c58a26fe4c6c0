import Glibc
import NIOCore

/// The processor time that the calling thread has used.
package enum ThreadClock {
  package static var now: TimeAmount {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .nanoseconds(Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}
