import NIOCore

/// The least one-way delay of a path over the last forty seconds, which is that of an empty queue.
///
/// Delays are differences of two clocks: only their changes have a meaning. The minimum is that of ten slots of time (as
/// in RFC 6817 section 3.4.2), so that clocks that drift apart, and paths that become longer, are followed in time.
struct BaseDelay: Sendable {
  private static let slots = 10
  private static let slotLength = TimeAmount.seconds(4)

  private struct Minimum {
    /// In nanoseconds.
    var delay: Int64
    /// The length of the packet in bytes, and the highest rate of the bottleneck since, in bits per second: a longer
    /// packet takes longer to be sent, and so does one as long when the rate falls.
    var size: Int
    var rate: Double

    var serviceTime: Double { Double(size) * 8 / rate }

    mutating func raise(_ rate: Double) { self.rate = max(self.rate, rate) }
  }

  private var minima: [Minimum?] = Array(repeating: nil, count: Self.slots)
  private var current = 0
  private var slotEnd: NIODeadline?
  private var minimum: Minimum?

  /// - Parameters:
  ///   - delay: the time of arrival less the time of sending, in nanoseconds.
  ///   - rate: that of the bottleneck in bits per second.
  mutating func add(_ delay: Int64, size: Int, rate: Double, now: NIODeadline) {
    let end = slotEnd ?? now + Self.slotLength
    slotEnd = end
    if now >= end {
      current = (current + 1) % Self.slots
      minima[current] = nil
      slotEnd = now + Self.slotLength
      minimum = minima.lazy.compactMap { $0 }.min { $0.delay < $1.delay }
    }
    let new = Minimum(delay: delay, size: size, rate: rate)
    if delay < minima[current]?.delay ?? .max { minima[current] = new }
    if delay < minimum?.delay ?? .max { minimum = new }
    // Had the path become faster, there would be a smaller delay: so the rate was too low when the minimum was seen.
    for slot in minima.indices { minima[slot]?.raise(rate) }
    minimum?.raise(rate)
  }

  /// The time in seconds that a packet waited before a bottleneck with this rate in bits per second.
  func wait(_ delay: Int64, size: Int, rate: Double) -> Double {
    guard let minimum else { return 0 }
    return max(0, Double(delay - minimum.delay) / 1e9 - max(0, Double(size) * 8 / rate - minimum.serviceTime))
  }

  /// The time in seconds by which a packet was later, if the bottleneck is as fast as it ever was since the minimum.
  func excess(_ delay: Int64, size: Int) -> Double {
    guard let minimum else { return 0 }
    return max(0, Double(delay - minimum.delay) / 1e9 - Double(size - minimum.size) * 8 / minimum.rate)
  }

  /// Lets the minimum count for forty seconds more: the delay of the empty path is not seen while others fill the queue.
  mutating func keep() {
    minima[current] = minimum
  }

  mutating func reset() {
    self = BaseDelay()
  }
}
