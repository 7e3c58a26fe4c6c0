import NIOCore

/// Tells a path that has become longer from a queue of others: a queue answers to what we send, a longer path does not.
struct SteadyDelay: Sendable {
  /// For how long the delay is steady at least.
  private static let duration = TimeAmount.milliseconds(500)
  /// By how much what arrives of ours changes in that time at least.
  private static let change = 1.6

  /// Since when the delay has been steady; nil before the first sample.
  private(set) var since: NIODeadline?
  private var delays = (least: Double.infinity, most: 0.0)
  private var rates = (least: Double.infinity, most: 0.0)

  /// A queue that is full is as long whatever is sent, and drops.
  mutating func lossSeen() {
    rates = (.infinity, 0)
  }

  /// - Parameters:
  ///   - delay: the time in seconds by which a packet was later than on the empty path.
  ///   - throughput: what arrives of ours, in bits per second.
  ///   - tolerance: by how much the delay of a path without a queue may change, in seconds.
  /// - Returns: whether the delay has been steady, whatever was sent.
  mutating func add(_ delay: Double, throughput: Double, tolerance: Double, now: NIODeadline) -> Bool {
    delays = (min(delays.least, delay), max(delays.most, delay))
    rates = (min(rates.least, throughput), max(rates.most, throughput))
    guard let since, delays.most - delays.least <= tolerance else {
      since = now
      delays = (delay, delay)
      rates = (throughput, throughput)
      return false
    }
    return now - since > Self.duration && rates.most > Self.change * rates.least
  }
}
