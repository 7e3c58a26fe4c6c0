import NIOCore

/// The capture time of samples: the driver's timestamp if it is plausible, and otherwise the time of reading, less what
/// the samples waited for it.
///
/// As with cameras (``CaptureClock``), times of another clock occur even where the driver promises the monotonic one.
/// After one implausible timestamp the rest of the stream's are ignored, since alternating between two clocks would be
/// worse than using the less exact one.
struct SampleClock {
  private(set) var isBelieved = true

  /// The timestamp was taken for this very reading.
  private static let tolerance = TimeAmount.milliseconds(500)

  /// - Parameters:
  ///   - stamp: when the driver last counted the samples that wait; nil if it does not tell.
  ///   - delay: the age of the first sample at that time.
  mutating func captureTime(stamp: NIODeadline?, delay: TimeAmount, now: NIODeadline) -> NIODeadline {
    if let stamp, isBelieved, stamp + Self.tolerance >= now, stamp <= now + Self.tolerance {
      return min(stamp, now) - delay
    }
    isBelieved = false
    return now - delay
  }
}
