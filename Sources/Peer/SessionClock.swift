import NIOCore
import RTP

/// Maps monotonic time to the wall-clock time that was read once per session. The wall clock of a Raspberry Pi steps
/// when it reaches the network, and sender reports must not (RFC 3550 section 6.4.1).
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
