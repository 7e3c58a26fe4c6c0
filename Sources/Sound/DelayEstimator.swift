import NIOCore

/// How much later than the fastest packet the others arrive, by the last five seconds.
struct DelayEstimator {
  /// The delay that nineteen of twenty packets do not exceed, above the least.
  private(set) var spread = TimeAmount.zero
  /// Arrival less media time of the packet that had the least delay, in nanoseconds; nil before the first.
  private(set) var base: Int64?

  private var delays: [Int64] = []
  private var oldest = 0
  private var sorted: [Int64] = []
  private var added = 0

  private static let capacity = 256
  /// The delays are looked at after so many packets, beyond the first ones.
  private static let interval = 8
  /// A sender does not pause its own clock for longer: it is another clock.
  private static let largestStep: UInt64 = 2_000_000_000

  /// Takes the delay of a packet: its arrival less its media time.
  mutating func add(_ delay: Int64) {
    if let base, (delay &- base).magnitude > Self.largestStep { self = DelayEstimator() }
    if delays.isEmpty {
      delays.reserveCapacity(Self.capacity)
      sorted.reserveCapacity(Self.capacity)
    }
    if delays.count < Self.capacity {
      delays.append(delay)
    } else {
      delays[oldest] = delay
      oldest = (oldest + 1) % Self.capacity
    }
    base = min(base ?? delay, delay)
    added += 1
    guard added <= Self.interval || added.isMultiple(of: Self.interval) else { return }
    sorted.removeAll(keepingCapacity: true)
    sorted.append(contentsOf: delays)
    sorted.sort()
    base = sorted[0]
    spread = .nanoseconds(sorted[(sorted.count - 1) * 19 / 20] - sorted[0])
  }
}
