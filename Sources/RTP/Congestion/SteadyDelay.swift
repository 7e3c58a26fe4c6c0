import NIOCore

/// Tells a path that has become longer from a queue of others: a queue answers to what we send, a longer path does not.
struct SteadyDelay: Sendable {
  /// For how long the delay is steady at least.
  private static let duration = TimeAmount.milliseconds(500)
  /// By how much what arrives of ours changes in that time at least.
  private static let change = 1.6
  /// After so long without a loss the delay is that of the path, whatever was sent: others' queues grow and shrink, or drop.
  private static let longDuration = TimeAmount.seconds(15)

  /// Since when the delay has been steady; nil before the first sample.
  private(set) var since: NIODeadline?
  private var delays = (least: Double.infinity, most: 0.0)
  private var rates = (least: Double.infinity, most: 0.0)
  private var lastLoss = NIODeadline.distantPast

  /// A queue that is full is as long whatever is sent, and drops.
  mutating func lossSeen(now: NIODeadline) {
    rates = (.infinity, 0)
    lastLoss = now
  }

  /// - Parameter capacity: what the bottleneck carries of all, in bits per second.
  /// - Returns: whether the delay has been steady although what was sent would have changed that of a queue.
  mutating func add(_ path: Competition.Path, capacity: Double, now: NIODeadline) -> Bool {
    delays = (min(delays.least, path.delay), max(delays.most, path.delay))
    rates = (min(rates.least, path.throughput), max(rates.most, path.throughput))
    guard let since, delays.most - delays.least <= Self.tolerance(on: path) else {
      since = now
      delays = (path.delay, path.delay)
      rates = (path.throughput, path.throughput)
      return false
    }
    if now - max(since, lastLoss) > Self.longDuration { return true }
    return now - since > Self.duration && rates.most > Self.change * rates.least
      && Self.isVisible(rates.most - rates.least, on: path, capacity: capacity)
  }

  /// By how much the delay of a path without a queue may change, in seconds.
  private static func tolerance(on path: Competition.Path) -> Double { 0.01 + 4 * path.noise }

  /// Whether a queue becomes clearly longer or shorter if what arrives of ours changes by so much, in bits per second:
  /// that of others whose windows are full does so by what we add or leave in a round trip, which is little on a fast
  /// path.
  static func isVisible(_ change: Double, on path: Competition.Path, capacity: Double) -> Bool {
    change * path.roundTrip > tolerance(on: path) * capacity
  }
}
