/// The capacity of a bottleneck, by how far apart packets arrive that were sent closely, and by how much arrivals scatter.
///
/// A packet that waited behind the one before it leaves the bottleneck at the bottleneck's rate; so does one that was
/// sent right behind the other. The bytes of all such packets over the time between their arrivals are the capacity.
/// Where a train of packets arrives as fast as it was sent, the capacity is at least that rate, and the next train shows
/// more: so the estimate grows without a queue (packet dispersion, as SQP uses it: arXiv 2207.11857 section 4).
struct Dispersion: Sendable {
  /// The bounds of the estimate in bits per second.
  static let rates = 30e3...50e6
  /// The most that one update may raise the estimate by.
  private static let mostGrowth = 2.0
  /// The time between arrivals over which the estimate is taken, in seconds; longer where arrivals scatter.
  private static let window = 0.2
  private static let noisyWindow = 0.5
  /// A short window that shows a fall of the capacity at once; four times as long where arrivals scatter.
  private static let shortWindow = 0.05
  /// The scatter of arrivals in seconds from which on, and up to which, an estimate from trains loses its worth.
  private static let bearableNoise = 0.002
  private static let strongNoise = 0.008

  /// The capacity in bits per second.
  private(set) var rate: Double
  /// The scatter of the times of arrival, in seconds.
  private(set) var noise = 0.001
  private var arrivals = ArrivalRate()
  private var latestArrivals = ArrivalRate()

  init(rate: Double) {
    self.rate = Self.possible(rate)
  }

  static func possible(_ rate: Double) -> Double { max(rates.lowerBound, min(rate, rates.upperBound)) }

  /// From 0 for a path whose arrivals tell all to 1 for one whose trains tell nothing.
  var noisiness: Double {
    min(1, max(0, (noise - Self.bearableNoise) / (Self.strongNoise - Self.bearableNoise)))
  }

  /// The time in seconds that the bottleneck takes for so many bytes.
  private func service(of size: Int) -> Double { Double(size) * 8 / rate }

  /// Whether bytes were sent faster than the bottleneck carries them off, and so leave it at its rate.
  ///
  /// - Parameter sendGap: the time in seconds over which they were sent.
  func isTrain(_ size: Int, sendGap: Double) -> Bool { sendGap < service(of: size) }

  /// Whether a packet was sent before the one ahead of it had left the bottleneck, and waited.
  ///
  /// - Parameter waits: the times in seconds that the packet ahead and it have waited.
  func isQueued(_ size: Int, sendGap: Double, waits: (Double, Double)) -> Bool {
    waits.1 > 0.002 + 5 * noise && sendGap < waits.0 + service(of: size) + 0.002 + 5 * noise
  }

  /// Learns how much arrivals scatter.
  ///
  /// - Parameters:
  ///   - gap: the time in seconds between two arrivals.
  ///   - weight: that of these two in the mean.
  mutating func addScatter(_ size: Int, sendGap: Double, gap: Double, weight: Double) {
    let service = service(of: size)
    // Between the gap at which it was sent and the time that the bottleneck takes for it all is regular.
    let scatter = max(min(sendGap, service) - gap, gap - max(sendGap, service), 0)
    noise += (min(scatter, 3 * noise + 0.002) - noise) * weight
  }

  /// Adds what has left the bottleneck at its rate.
  mutating func add(_ size: Int, gap: Double) {
    arrivals.add(size, gap: gap, window: Self.window + (Self.noisyWindow - Self.window) * noisiness)
    latestArrivals.add(size, gap: gap, window: shortWindow)
  }

  /// Where arrivals scatter, few of them show a fall that is none.
  private var shortWindow: Double { Self.shortWindow * (1 + 3 * noisiness) }

  /// Estimates anew.
  ///
  /// - Parameters:
  ///   - isQueued: whether packets wait: else few that arrive slowly show no fall of the capacity.
  ///   - growth: the part by which the rate grows although no train shows more.
  mutating func update(isQueued: Bool, growth: Double) {
    // Packets that overtook others leave less than no time between the others.
    guard arrivals.seconds > 0 else { return forget() }
    if isQueued, latestArrivals.seconds > 0.6 * shortWindow, latestArrivals.rate < 0.75 * arrivals.rate {
      arrivals = latestArrivals
    }
    let estimate = growth > 0 ? max(arrivals.rate, rate * (1 + growth)) : arrivals.rate
    rate = Self.possible(min(estimate, rate * Self.mostGrowth))
  }

  /// What was added so far tells nothing beside what follows.
  mutating func forget() {
    arrivals = ArrivalRate()
  }

  /// Begins anew at this rate.
  mutating func restart(at rate: Double) {
    self.rate = Self.possible(rate)
    arrivals = ArrivalRate()
    latestArrivals = ArrivalRate()
  }
}
