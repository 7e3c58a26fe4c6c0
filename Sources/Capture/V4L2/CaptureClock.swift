import NIOCore

/// The capture time of pictures: the driver's timestamp if it is plausible, and otherwise the time of arrival.
///
/// A V4L2 driver states which clock its timestamps use (Linux kernel documentation, "Buffer Flags"). In virtual
/// machines, on some boards, and after a suspend they nevertheless use another clock, minutes apart. After one
/// implausible timestamp the rest of the stream's are ignored, since alternating between two clocks would be worse than
/// using the less exact one.
struct CaptureClock {
  /// When the ring of buffers was last found empty; all pictures in it arrived later.
  private var emptySince: NIODeadline
  private var last = NIODeadline.uptimeNanoseconds(0)
  private(set) var isBelieved = true

  /// Exposure and transfer take time, and a timestamp may refer to their beginning.
  private static let tolerance = TimeAmount.milliseconds(500)
  /// A picture that may have waited longer than this is assumed to be as old as it can be.
  private static let longestWait = TimeAmount.seconds(1)

  init(emptySince: NIODeadline) {
    self.emptySince = emptySince
  }

  mutating func sawNoPicture(at time: NIODeadline) {
    emptySince = time
  }

  /// - Parameters:
  ///   - stamp: the driver's timestamp; nil if the driver declares it meaningless.
  ///   - now: the time at which the picture was taken out of the ring.
  mutating func captureTime(stamp: NIODeadline?, now: NIODeadline) -> NIODeadline {
    if let stamp, isBelieved, stamp + Self.tolerance >= emptySince, stamp <= now + Self.tolerance, stamp > last {
      last = stamp
      return min(stamp, now)
    }
    isBelieved = false
    return now - emptySince > Self.longestWait ? emptySince : now
  }
}
