/// Tells whether others use the bottleneck as well, although they do not fill its queue.
///
/// Between most of our packets there is none of another's, and these show the rate of the whole bottleneck: their median
/// is above the mean, which is what the bottleneck leaves to us. Jitter moves packets both ways, and the median as well.
struct CrossTraffic: Sendable {
  /// How much one packet moves the median.
  private static let step = 0.02
  /// The weight of one packet in the share of fast ones.
  private static let weight = 1.0 / 64
  /// Where more packets than this are faster by half than the median, it is not that of the bottleneck: arrivals scatter,
  /// or others send more than we do.
  private static let fastShare = 0.08

  /// In seconds.
  private static let memory = 2.0

  /// The rate of the bottleneck as a whole, in bits per second.
  private var rate: Double
  private var fast = 0.0

  init(rate: Double) {
    self.rate = rate
  }

  /// Takes a packet that left the bottleneck right behind another packet.
  ///
  /// - Parameters:
  ///   - size: its length in bytes.
  ///   - gap: the time in seconds between their arrivals.
  mutating func add(size: Int, gap: Double) {
    let bits = Double(size) * 8
    fast += ((bits > 1.5 * rate * gap ? 1 : 0) - fast) * Self.weight
    rate *= bits > rate * gap ? 1 + Self.step : 1 - Self.step
  }

  /// Forgets slowly what no packet shows any more: there are none behind others where the bottleneck is often idle.
  ///
  /// - Parameters:
  ///   - rate: what the bottleneck leaves to us, in bits per second.
  ///   - elapsed: the time in seconds since the last time.
  mutating func relax(towards rate: Double, elapsed: Double) {
    self.rate += (rate - self.rate) * min(1, elapsed / Self.memory)
  }

  /// The part of the bottleneck that is ours; nil if that is not known.
  ///
  /// - Parameter rate: what the bottleneck leaves to us, in bits per second.
  func share(of rate: Double) -> Double? {
    fast < Self.fastShare ? rate / self.rate : nil
  }
}
