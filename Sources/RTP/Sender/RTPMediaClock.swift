import NIOCore

/// Turns times into RTP timestamps (RFC 3550 section 5.1), and knows what the timestamp is between frames, as sender
/// reports want it.
struct RTPMediaClock: Sendable {
  private let rate: UInt64
  /// "The initial value of the timestamp SHOULD be random."
  private let offset: UInt32
  private var latest: (captureTime: NIODeadline, sentAt: NIODeadline)?

  init(rate: UInt32, offset: UInt32) {
    self.rate = UInt64(rate)
    self.offset = offset
  }

  /// The timestamp of a frame that is sent now.
  mutating func stamp(_ captureTime: NIODeadline, sentAt now: NIODeadline) -> UInt32 {
    latest = (captureTime, now)
    return timestamp(at: captureTime)
  }

  /// What a frame would be stamped if it were sent now: capture times may be media time, so they are carried on from
  /// the latest frame instead of being compared with `now`.
  func timestamp(now: NIODeadline) -> UInt32 {
    guard let latest else { return offset }
    return timestamp(at: latest.captureTime + max(.zero, now - latest.sentAt))
  }

  private func timestamp(at time: NIODeadline) -> UInt32 {
    let nanosecondsPerSecond: UInt64 = 1_000_000_000
    // Split, because nanoseconds times 90,000 leave 64 bits after 56 hours.
    let (seconds, nanoseconds) = time.uptimeNanoseconds.quotientAndRemainder(dividingBy: nanosecondsPerSecond)
    let ticks = (nanoseconds * rate + nanosecondsPerSecond / 2) / nanosecondsPerSecond
    return offset &+ UInt32(truncatingIfNeeded: seconds &* rate &+ ticks)
  }
}
