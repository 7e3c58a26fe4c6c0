/// The bytes of packets over the time between their arrivals, of which the latest weigh most.
struct ArrivalRate: Sendable {
  private var bytes = 0.0
  private(set) var seconds = 0.0

  /// In bits per second.
  var rate: Double { bytes * 8 / max(seconds, 1e-6) }

  /// - Parameter gap: the time since the packet before has arrived, in seconds; negative if it arrived later. The sum
  ///   of gaps is right all the same.
  mutating func add(_ size: Int, gap: Double, window: Double) {
    let kept = max(0, 1 - max(0, gap) / window)
    bytes = bytes * kept + Double(size)
    seconds = seconds * kept + gap
  }
}
