import NIOCore

/// Converts times on the monotonic clock to RTP timestamps (RFC 3550 section 5.1).
struct RTPMediaClock: Sendable {
  private let rate: UInt64
  /// The random initial timestamp that RFC 3550 section 5.1 asks for.
  private let offset: UInt32
  init(rate: UInt32, offset: UInt32) {
    self.rate = UInt64(rate)
    self.offset = offset
  }

  /// Returns the timestamp of what was captured then. Sender reports tie it to the wall clock: of a frame that waited, they
  /// are to tell when it was captured, and not when it was sent, or sound would be played before its picture.
  func timestamp(at time: NIODeadline) -> UInt32 {
    let nanosecondsPerSecond: UInt64 = 1_000_000_000
    // Seconds and nanoseconds are converted separately, since nanoseconds times 90,000 overflow 64 bits after 56 hours.
    let (seconds, nanoseconds) = time.uptimeNanoseconds.quotientAndRemainder(dividingBy: nanosecondsPerSecond)
    let ticks = (nanoseconds * rate + nanosecondsPerSecond / 2) / nanosecondsPerSecond
    return offset &+ UInt32(truncatingIfNeeded: seconds &* rate &+ ticks)
  }
}
