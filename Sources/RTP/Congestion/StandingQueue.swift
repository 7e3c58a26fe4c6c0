import NIOCore

/// Finds out why packets wait although the bottleneck should be idle: others fill its queue, or the path has become
/// longer and there is no queue at all.
///
/// A queue of our own is gone as soon as we wait for it. Others' grows and shrinks, and they take their part of the
/// capacity; a longer path is as long for each packet, and carries as much.
struct StandingQueue: Sendable {
  enum Cause {
    case competition, longerPath
  }

  private static let patience = TimeAmount.seconds(1)
  /// What others' queue makes packets wait at least, in seconds.
  private static let wait = 0.04
  /// For so many packets, and so long, the delay of a longer path is alike.
  private static let alike = 4
  private static let alikeFor = TimeAmount.milliseconds(250)

  private var since: NIODeadline?
  private var latest: [(time: NIODeadline, packet: Lateness)] = []

  /// - Parameters:
  ///   - packet: one of which no wait was expected.
  ///   - noise: the scatter of arrivals in seconds.
  ///   - capacityHolds: whether the path carries about what it did before.
  ///   - packetTime: the time in seconds that the bottleneck takes for one packet: by so much expectation may be wrong.
  mutating func add(
    _ packet: Lateness, noise: Double, capacityHolds: Bool, packetTime: Double, now: NIODeadline
  ) -> Cause? {
    guard packet.delay > 0.012 + 6 * noise + packetTime / 2 else {
      reset()
      return nil
    }
    since = packet.wait > 0.012 + 8 * noise + packetTime ? since ?? now : nil
    if latest.count == Self.alike { latest.removeFirst() }
    latest.append((now, packet))
    guard latest.count == Self.alike else { return nil }
    let delays = latest.lazy.map(\.packet.delay)
    let spread = (delays.max() ?? 0) - (delays.min() ?? 0)
    if capacityHolds, spread < 0.005 + 2 * noise, now - latest[0].time >= Self.alikeFor {
      reset()
      return .longerPath
    }
    guard let since, now - since > Self.patience, latest.allSatisfy({ $0.packet.wait > Self.wait + 8 * noise }) else {
      return nil
    }
    reset()
    return .competition
  }

  private mutating func reset() {
    since = nil
    latest.removeAll(keepingCapacity: true)
  }
}
