import NIOCore

/// When a picture was taken: as the driver stamped it where that can be true, else when it came.
///
/// V4L2 has a driver say which clock its stamps are of (Linux kernel documentation, "Buffer Flags"). In virtual machines,
/// on some boards, and after a suspend they are of another clock all the same, minutes away. Stamps that cannot be true
/// once are not believed again while the stream lasts: two clocks in turns would be worse than the less exact one.
struct CaptureClock {
  /// The ring was seen without a picture then, so that what is in it came later.
  private var emptySince: NIODeadline
  private var last = NIODeadline.uptimeNanoseconds(0)
  private(set) var isBelieved = true

  /// Exposure and transfer take their time, and a stamp may be of their beginning.
  private static let tolerance = TimeAmount.milliseconds(500)
  /// A picture that may have waited for longer than this is taken for as old as it may be.
  private static let longestWait = TimeAmount.seconds(1)

  init(emptySince: NIODeadline) {
    self.emptySince = emptySince
  }

  mutating func sawNoPicture(at time: NIODeadline) {
    emptySince = time
  }

  /// - Parameters:
  ///   - stamp: `nil` where the driver says that it means nothing.
  ///   - now: when the picture was taken out of the ring.
  mutating func captureTime(stamp: NIODeadline?, now: NIODeadline) -> NIODeadline {
    if let stamp, isBelieved, stamp + Self.tolerance >= emptySince, stamp <= now + Self.tolerance, stamp > last {
      last = stamp
      return min(stamp, now)
    }
    isBelieved = false
    return now - emptySince > Self.longestWait ? emptySince : now
  }
}
