import NIOCore

/// Says when a path is to be probed with packets that were sent before, since what there is to send shows nothing of it.
///
/// A still scene has one packet a frame, and so no trains: when something moves in it, what was known of the path may
/// long not be true any more. A probe is a train like that of a frame, and what it shows is believed like that.
struct ProbeSchedule: Sendable {
  /// The most that probes are of the other bytes.
  private static let share = 0.05
  /// The length of a probe in bytes: with the packet of a frame before them, three packets show three times what the
  /// bottleneck takes for one.
  static let length = 3 * 1_200
  /// The time without a train after which the path is probed, as in libwebrtc where the application sends little.
  private static let interval = TimeAmount.seconds(5)

  /// The bytes that may be sent, as far as others have been sent.
  private var credit = 0.0
  private var lastTrain: NIODeadline

  init(now: NIODeadline) {
    lastTrain = now
  }

  mutating func sent(_ size: Int, isProbe: Bool) {
    credit = isProbe ? credit - Double(size) : min(Double(Self.length), credit + Self.share * Double(size))
  }

  /// A train was told of, or a probe is on its way.
  mutating func trainWasSent(now: NIODeadline) {
    lastTrain = now
  }

  func isDue(now: NIODeadline) -> Bool {
    now - lastTrain >= Self.interval && credit >= Double(Self.length)
  }
}
