import NIOCore

/// The capture time of samples: the driver's timestamp if it is plausible, and otherwise the time of reading, less what
/// the samples waited for it.
///
/// As with cameras (``CaptureClock``), times of another clock occur even where the driver promises the monotonic one.
/// After one implausible timestamp the rest of the stream's are ignored, since alternating between two clocks would be
/// worse than using the less exact one.
struct SampleClock {
  private(set) var isBelieved = true

  /// The timestamp was taken when the driver was asked, whenever that was.
  private static let tolerance = TimeAmount.milliseconds(500)

  /// - Parameters:
  ///   - stamp: when the driver last counted the samples that wait; nil if it does not tell.
  ///   - delay: the age of the first sample at that time.
  ///   - asked: just before the driver was asked. On a busy machine the answer may come seconds later, and is right.
  mutating func captureTime(
    stamp: NIODeadline?, delay: TimeAmount, asked: NIODeadline, now: NIODeadline
  ) -> NIODeadline {
    if let stamp, isBelieved, stamp + Self.tolerance >= asked, stamp <= now + Self.tolerance {
      return min(stamp, now) - delay
    }
    isBelieved = false
    return now - delay
  }
}
