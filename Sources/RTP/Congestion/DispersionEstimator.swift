import NIOCore

/// Estimates the capacity of a path, and the queue before its bottleneck, from the answers to probes among the media.
///
/// What was sent between two probes leaves the bottleneck between them. Where it was sent faster than the capacity, or
/// the second probe had to wait behind the first, it is as long on its way as the bottleneck takes for it: its bytes over
/// the time between the two answers are the capacity, as in ``CapacityEstimator``, whose constants these are.
struct DispersionEstimator: Sendable {
  /// The bounds of the estimate in bits per second.
  private static let rates = 30e3...50e6
  /// The most that one answer may raise the estimate by.
  private static let growth = 2.0
  /// The time between answers over which the estimate is taken, in seconds; longer where answers scatter.
  private static let window = 0.2
  private static let noisyWindow = 0.5
  /// A short window that shows a fall of the capacity at once.
  private static let shortWindow = 0.05
  /// The window of the throughput, in seconds.
  private static let throughputWindow = 0.5
  /// The scatter of answers in seconds from which on, and up to which, an estimate from trains loses its worth.
  private static let bearableNoise = 0.002
  private static let strongNoise = 0.008
  /// The longest wait that is believed, in seconds: who answers later must not make us silent.
  private static let longestWait = 2.0
  /// How fast the rate grows on a path whose answers scatter so that trains show nothing, a second.
  private static let noisyGrowth = 0.5

  /// A probe that was answered.
  private struct Answer {
    var sentAt: NIODeadline
    var bytes: Int
    var wait: Double
  }

  /// The capacity in bits per second.
  private(set) var rate: Double
  /// The scatter of the times of answers, in seconds.
  private(set) var noise = 0.001
  /// The time that the last probe waited, in seconds.
  private(set) var wait = 0.0
  /// The round-trip time of the path while nothing waits, in seconds; nil before the first answer.
  private(set) var roundTrip: Double?
  /// What arrives, in bits per second.
  var throughput: Double { arrivals.rate }

  private var base = BaseDelay()
  private var dispersion = ArrivalRate()
  private var latestDispersion = ArrivalRate()
  private var arrivals = ArrivalRate()
  private var last: Answer?

  init(rate: Double) {
    self.rate = rate
  }

  /// - Parameter bytes: what was sent up to the probe that is answered, itself included.
  mutating func answered(sentAt: NIODeadline, bytes: Int, now: NIODeadline) {
    let delay = (now - sentAt).nanoseconds
    base.add(delay, size: 0, rate: rate, now: now)
    wait = min(base.wait(delay, size: 0, rate: rate), Self.longestWait)
    roundTrip = Double(delay) / 1e9 - wait
    let answer = Answer(sentAt: sentAt, bytes: bytes, wait: wait)
    if let last { follow(last, answer) }
    last = answer
  }

  private mutating func follow(_ first: Answer, _ second: Answer) {
    let size = second.bytes - first.bytes
    let service = Double(size) * 8 / rate
    let sendGap = (second.sentAt - first.sentAt).seconds
    let gap = sendGap + second.wait - first.wait
    // Between the gap at which it was sent and the time that the bottleneck takes for it all is regular.
    let scatter = max(min(sendGap, service) - gap, gap - max(sendGap, service), 0)
    noise += (min(scatter, 3 * noise + 0.002) - noise) / 32
    // After an outage nothing is known of the bottleneck.
    guard abs(gap) < 1 else { return }
    arrivals.add(size, gap: gap, window: Self.throughputWindow)
    let isQueued = second.wait > 0.002 + 5 * noise && sendGap < first.wait + service + 0.002 + 5 * noise
    guard sendGap < service || isQueued else { return }
    dispersion.add(size, gap: gap, window: Self.window + (Self.noisyWindow - Self.window) * noisiness)
    latestDispersion.add(size, gap: gap, window: Self.shortWindow)
    if latestDispersion.seconds > 0.6 * Self.shortWindow, latestDispersion.rate < 0.75 * dispersion.rate,
      second.wait > 0.02 + 3 * noise
    {
      dispersion = latestDispersion
    }
    var estimate = dispersion.rate
    if noisiness > 0, min(first.wait, second.wait) < 0.02 + 4 * noise, throughput > 0.6 * rate {
      // The path is used and no queue is seen: nothing speaks against more.
      estimate = max(estimate, rate * (1 + Self.noisyGrowth * noisiness * min(max(0, gap), 0.25)))
    }
    rate = max(Self.rates.lowerBound, min(estimate, rate * Self.growth, Self.rates.upperBound))
  }

  /// From 0 for a path whose answers tell all to 1 for one whose trains tell nothing.
  private var noisiness: Double {
    min(1, max(0, (noise - Self.bearableNoise) / (Self.strongNoise - Self.bearableNoise)))
  }

  /// What follows is not to be compared with what was before.
  mutating func pathChanged() {
    pathBecameLonger()
    last = nil
  }

  /// What was taken for a queue is a path that has become longer.
  mutating func pathBecameLonger() {
    base.reset()
    wait = 0
  }

  /// Begins anew at this rate.
  mutating func restart(at rate: Double) {
    self.rate = max(Self.rates.lowerBound, rate)
    dispersion = ArrivalRate()
    latestDispersion = ArrivalRate()
  }
}
