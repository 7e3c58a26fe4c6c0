import NIOCore

/// Converts times to RTP timestamps (RFC 3550 section 5.1), also between frames, as sender reports need it.
struct RTPMediaClock: Sendable {
  private let rate: UInt64
  /// The random initial timestamp that RFC 3550 section 5.1 asks for.
  private let offset: UInt32
  private var latest: (captureTime: NIODeadline, sentAt: NIODeadline)?

  init(rate: UInt32, offset: UInt32) {
    self.rate = UInt64(rate)
    self.offset = offset
  }

  /// Returns the timestamp of a frame that is sent now.
  mutating func stamp(_ captureTime: NIODeadline, sentAt now: NIODeadline) -> UInt32 {
    latest = (captureTime, now)
    return timestamp(at: captureTime)
  }

  /// Returns the timestamp that a frame would have if it were sent now. Capture times may be media time, which cannot
  /// be compared with `now`; the capture time of the latest frame is extrapolated instead.
  func timestamp(now: NIODeadline) -> UInt32 {
    guard let latest else { return offset }
    return timestamp(at: latest.captureTime + (now - latest.sentAt))
  }

  private func timestamp(at time: NIODeadline) -> UInt32 {
    let nanosecondsPerSecond: UInt64 = 1_000_000_000
    // Seconds and nanoseconds are converted separately, since nanoseconds times 90,000 overflow 64 bits after 56 hours.
    let (seconds, nanoseconds) = time.uptimeNanoseconds.quotientAndRemainder(dividingBy: nanosecondsPerSecond)
    let ticks = (nanoseconds * rate + nanosecondsPerSecond / 2) / nanosecondsPerSecond
    return offset &+ UInt32(truncatingIfNeeded: seconds &* rate &+ ticks)
  }
}
