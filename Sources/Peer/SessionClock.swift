import NIOCore
import RTP

/// Ties the monotonic clock to wall-clock time once a session, because a Pi's wall clock jumps when it finds the
/// network, and sender reports must not (RFC 3550 section 6.4.1 wants differences to be meaningful).
package struct SessionClock: Sendable {
  private let origin: NIODeadline
  private let originTime: NTPTimestamp

  package init(now: NIODeadline, wallClock: NTPTimestamp) {
    origin = now
    originTime = wallClock
  }

  package func wallClock(at time: NIODeadline) -> NTPTimestamp {
    originTime.advanced(by: time - origin)
  }
}
