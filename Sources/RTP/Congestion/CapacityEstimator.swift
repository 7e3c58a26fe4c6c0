import NIOCore

/// Estimates the capacity of a path, and the queue before its bottleneck, from the times at which packets were sent and
/// have arrived.
///
/// A packet that waited behind the one before it leaves the bottleneck at the bottleneck's rate; so does one that was
/// sent right behind the other. The bytes of all such packets over the time between their arrivals are the capacity.
/// Where a train of packets arrives as fast as it was sent, the capacity is at least that rate, and the next train shows
/// more: so the estimate grows without a queue (packet dispersion, as SQP uses it: arXiv 2207.11857 section 4).
struct CapacityEstimator: Sendable {
  /// The bounds of the estimate in bits per second.
  private static let rates = 30e3...50e6
  /// The most that one feedback may raise the estimate by.
  private static let growth = 2.0
  /// The time between arrivals over which the estimate is taken, in seconds; longer where arrivals scatter.
  private static let window = 0.2
  private static let noisyWindow = 0.5
  /// A short window that shows a fall of the capacity at once; four times as long where arrivals scatter.
  private static let shortWindow = 0.05
  /// The window of the throughput, in seconds.
  private static let throughputWindow = 0.5
  /// The scatter of arrivals in seconds from which on, and up to which, an estimate from trains loses its worth.
  private static let bearableNoise = 0.002
  private static let strongNoise = 0.008
  /// The time in seconds over which the least wait is that of the queue.
  private static let leastDuration = 0.08
  /// The longest wait that is believed, in seconds: who claims more must not make us silent.
  private static let longestWait = 2.0
  /// How fast the rate grows on a path whose arrivals scatter so that trains show nothing, a second.
  private static let noisyGrowth = 0.5

  /// The rate below which frames have one packet and are no trains, and how fast it grows then, a second.
  private static let leastRateOfTrains = 250e3
  private static let slowGrowth = 2.0

  /// The time in seconds after which former trains tell nothing beside a new one.
  private static let memory = 1.0

  /// The capacity in bits per second.
  private(set) var rate: Double
  /// The scatter of the times of arrival, in seconds.
  private(set) var noise = 0.001
  /// The least time that a packet of the last feedback waited, in seconds.
  private(set) var queueDelay = 0.0
  /// The time that the newest packet waited, less what may be scatter, in seconds.
  private(set) var newestWait = 0.0
  /// The least time that a packet waited of which no wait was expected, in seconds; nil if the last feedback told of no
  /// such packet.
  private(set) var unexpectedWait: Double?
  /// The part of the bottleneck that is ours; nil if that is not known.
  var share: Double? { crossTraffic.share(of: rate) }
  /// Whether the last feedback told of a train.
  private(set) var hasTrain = false
  /// What arrives, in bits per second.
  var throughput: Double { arrivals.rate }

  private var base = BaseDelay()
  private var dispersion = ArrivalRate()
  private var latestDispersion = ArrivalRate()
  private var arrivals = ArrivalRate()
  private var crossTraffic: CrossTraffic
  private var last: (sentAt: NIODeadline, arrival: TimeAmount, wait: Double)?
  private var feedback = Feedback()
  private var lastSample: TimeAmount?
  private var formerLeastWait = Double.infinity

  /// What one feedback told.
  private struct Feedback {
    var leastWait = Double.infinity
    var newestWait: Double?
    var unexpectedWait: Double?
    /// The time between its first and its last arrival, in seconds.
    var duration = 0.0
    var hasDispersion = false
  }

  init(rate: Double) {
    self.rate = rate
    crossTraffic = CrossTraffic(rate: rate)
  }

  mutating func arrived(_ packet: SendHistory.Packet, at arrival: TimeAmount, now: NIODeadline) {
    let delay = (arrival - .nanoseconds(Int64(packet.sentAt.uptimeNanoseconds))).nanoseconds
    base.add(delay, size: packet.size, rate: rate, now: now)
    let wait = base.wait(delay, size: packet.size, rate: rate)
    feedback.leastWait = min(feedback.leastWait, wait)
    feedback.newestWait = wait
    if packet.expectedWait < 0.002 { feedback.unexpectedWait = min(feedback.unexpectedWait ?? .infinity, wait) }
    defer { last = (packet.sentAt, arrival, wait) }
    guard let last else { return }
    follow(
      size: packet.size, arrival: arrival, waits: (last.wait, wait), gap: (arrival - last.arrival).seconds,
      sendGap: (packet.sentAt - last.sentAt).seconds)
  }

  private mutating func follow(
    size: Int, arrival: TimeAmount, waits: (Double, Double), gap: Double, sendGap: Double
  ) {
    let service = Double(size) * 8 / rate
    let isTrain = sendGap < service
    // It was sent before the packet ahead had left the bottleneck, and waited.
    let isQueued = waits.1 > 0.002 + 5 * noise && sendGap < waits.0 + service + 0.002 + 5 * noise
    // Between the gap at which it was sent and the time that the bottleneck takes for it all is regular.
    let scatter = max(min(sendGap, service) - gap, gap - max(sendGap, service), 0)
    noise += (min(scatter, 3 * noise + 0.002) - noise) / 64
    // After an outage nothing is known of the bottleneck.
    guard abs(gap) < 1 else { return }
    feedback.duration += gap
    arrivals.add(size, gap: gap, window: Self.throughputWindow)
    guard isTrain || isQueued else { return }
    feedback.hasDispersion = true
    if (lastSample.map { (arrival - $0).seconds } ?? 0) > Self.memory { dispersion = ArrivalRate() }
    lastSample = arrival
    dispersion.add(size, gap: gap, window: Self.window + (Self.noisyWindow - Self.window) * noisiness)
    latestDispersion.add(size, gap: gap, window: shortWindow)
    if isQueued, sendGap < waits.0 { crossTraffic.add(size: size, gap: gap) }
  }

  /// All arrivals of a feedback were told.
  mutating func feedbackEnds() {
    defer { feedback = Feedback() }
    unexpectedWait = feedback.unexpectedWait
    hasTrain = feedback.hasDispersion
    guard let newest = feedback.newestWait else { return }
    queueDelay = feedback.leastWait
    // In a short time each packet may be late by chance.
    let calmest = feedback.duration < Self.leastDuration ? min(feedback.leastWait, formerLeastWait) : queueDelay
    formerLeastWait = feedback.leastWait
    newestWait = min(max(0, newest - 2 * noise), Self.longestWait)
    guard feedback.hasDispersion else { return }
    if latestDispersion.seconds > 0.6 * shortWindow, latestDispersion.rate < 0.75 * dispersion.rate,
      queueDelay > 0.01 + 3 * noise
    {
      dispersion = latestDispersion
    }
    crossTraffic.relax(towards: rate, elapsed: feedback.duration)
    var estimate = dispersion.rate
    if growthWithoutTrains > 0, calmest < 0.008 + 5 * noise, throughput > 0.6 * rate {
      // The path is used and no queue is seen: nothing speaks against more.
      estimate = max(estimate, rate * (1 + growthWithoutTrains * min(feedback.duration, 0.25)))
    }
    rate = max(Self.rates.lowerBound, min(estimate, rate * Self.growth, Self.rates.upperBound))
  }

  /// How fast the rate grows, a second, where trains show less than they should.
  private var growthWithoutTrains: Double {
    rate < Self.leastRateOfTrains ? Self.slowGrowth : Self.noisyGrowth * noisiness
  }

  /// Where arrivals scatter, few of them show a fall that is none.
  private var shortWindow: Double { Self.shortWindow * (1 + 3 * noisiness) }

  /// From 0 for a path whose arrivals tell all to 1 for one whose trains tell nothing.
  private var noisiness: Double {
    min(1, max(0, (noise - Self.bearableNoise) / (Self.strongNoise - Self.bearableNoise)))
  }

  /// What was taken for a queue is a path that has become longer.
  mutating func pathBecameLonger() {
    base.reset()
    queueDelay = 0
    newestWait = 0
  }

  /// Begins anew at this rate.
  mutating func restart(at rate: Double) {
    self.rate = max(Self.rates.lowerBound, rate)
    dispersion = ArrivalRate()
    latestDispersion = ArrivalRate()
  }
}

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
