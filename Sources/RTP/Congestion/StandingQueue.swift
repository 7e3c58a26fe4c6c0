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
  private static let alike = 4
  private static let alikeFor = TimeAmount.milliseconds(250)

  private var since: NIODeadline?
  private var latest: [(time: NIODeadline, wait: Double)] = []

  /// - Parameters:
  ///   - wait: the time in seconds that a packet waited of which no wait was expected.
  ///   - noise: the scatter of arrivals in seconds.
  ///   - capacityHolds: whether the path carries about what it did before.
  ///   - packetTime: the time in seconds that the bottleneck takes for one packet: by so much expectation may be wrong.
  mutating func add(
    _ wait: Double, noise: Double, capacityHolds: Bool, packetTime: Double, now: NIODeadline
  ) -> Cause? {
    guard wait > 0.012 + 8 * noise + packetTime else {
      reset()
      return nil
    }
    let since = since ?? now
    self.since = since
    if latest.count == Self.alike { latest.removeFirst() }
    latest.append((now, wait))
    guard latest.count == Self.alike else { return nil }
    let waits = latest.lazy.map(\.wait)
    let spread = (waits.max() ?? 0) - (waits.min() ?? 0)
    if capacityHolds, spread < 0.005 + 2 * noise, now - latest[0].time >= Self.alikeFor {
      reset()
      return .longerPath
    }
    guard now - since > Self.patience, waits.allSatisfy({ $0 > Self.wait + 8 * noise }) else { return nil }
    reset()
    return .competition
  }

  private mutating func reset() {
    since = nil
    latest.removeAll(keepingCapacity: true)
  }
}
