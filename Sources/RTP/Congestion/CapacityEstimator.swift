import NIOCore

/// Estimates the capacity of a path (``Dispersion``), and the queue before its bottleneck, from the times at which packets
/// were sent and have arrived.
struct CapacityEstimator: Sendable {
  /// The window of the throughput, in seconds.
  private static let throughputWindow = 0.5
  /// The time in seconds over which the least wait is that of the queue.
  private static let leastDuration = 0.08
  /// The longest wait that is believed, in seconds: who claims more must not make us silent.
  private static let longestWait = 2.0
  /// How fast the rate grows on a path whose arrivals scatter so that trains show nothing, a second.
  static let noisyGrowth = 0.5
  /// The rate below which frames have one packet and are no trains, and how fast it grows then, a second.
  private static let leastRateOfTrains = 250e3
  private static let slowGrowth = 2.0
  /// The time in seconds after which former trains tell nothing beside a new one.
  private static let memory = 1.0

  /// The least time that a packet of the last feedback waited, in seconds.
  private(set) var queueDelay = 0.0
  /// The time that the newest packet waited, less what may be scatter, in seconds.
  private(set) var newestWait = 0.0
  /// The least time in seconds by which a packet of the last feedback was later than on the empty path.
  private(set) var excessDelay = 0.0
  /// The least delay and wait of the packets of which no wait was expected; nil if the last feedback told of no such packet.
  private(set) var unexpected: Lateness?
  /// Whether the last feedback told of a train.
  private(set) var hasTrain = false

  private var dispersion: Dispersion
  private var base = BaseDelay()
  private var arrivals = ArrivalRate()
  private var crossTraffic: CrossTraffic
  private var last: (sentAt: NIODeadline, arrival: TimeAmount, wait: Double)?
  private var feedback = Feedback()
  private var lastTrain: TimeAmount?
  private var formerLeastWait = Double.infinity

  /// What one feedback told.
  private struct Feedback {
    var leastWait = Double.infinity
    var newestWait: Double?
    var excessDelay = Double.infinity
    var unexpected: Lateness?
    /// The time between its first and its last arrival, in seconds.
    var duration = 0.0
    var hasTrain = false
  }

  init(rate: Double) {
    dispersion = Dispersion(rate: rate)
    crossTraffic = CrossTraffic(rate: rate)
  }

  /// The capacity in bits per second.
  var rate: Double { dispersion.rate }
  /// The scatter of the times of arrival, in seconds.
  var noise: Double { dispersion.noise }
  /// What arrives, in bits per second.
  var throughput: Double { arrivals.rate }
  /// The part of the bottleneck that is ours; nil if that is not known.
  var share: Double? { crossTraffic.share(of: rate) }

  mutating func arrived(_ packet: SendHistory.Packet, at arrival: TimeAmount, now: NIODeadline) {
    let delay = (arrival - .nanoseconds(Int64(packet.sentAt.uptimeNanoseconds))).nanoseconds
    base.add(delay, size: packet.size, rate: rate, now: now)
    let wait = base.wait(delay, size: packet.size, rate: rate)
    feedback.leastWait = min(feedback.leastWait, wait)
    feedback.newestWait = wait
    let excess = base.excess(delay, size: packet.size)
    feedback.excessDelay = min(feedback.excessDelay, excess)
    if packet.expectedWait < 0.002 {
      let least = feedback.unexpected
      feedback.unexpected = Lateness(
        delay: min(least?.delay ?? .infinity, excess), wait: min(least?.wait ?? .infinity, wait))
    }
    // What others have overtaken, and is told of late, says nothing of the bottleneck.
    if let last, packet.sentAt < last.sentAt { return }
    defer { last = (packet.sentAt, arrival, wait) }
    guard let last else { return }
    follow(
      packet.size, arrival: arrival, waits: (last.wait, wait), gap: (arrival - last.arrival).seconds,
      sendGap: (packet.sentAt - last.sentAt).seconds)
  }

  private mutating func follow(
    _ size: Int, arrival: TimeAmount, waits: (Double, Double), gap: Double, sendGap: Double
  ) {
    let isTrain = dispersion.isTrain(size, sendGap: sendGap)
    let isQueued = dispersion.isQueued(size, sendGap: sendGap, waits: waits)
    dispersion.addScatter(size, sendGap: sendGap, gap: gap, weight: 1 / 64)
    // After an outage nothing is known of the bottleneck.
    guard abs(gap) < 1 else { return }
    feedback.duration += gap
    arrivals.add(size, gap: gap, window: Self.throughputWindow)
    guard isTrain || isQueued else { return }
    feedback.hasTrain = true
    if (lastTrain.map { (arrival - $0).seconds } ?? 0) > Self.memory { dispersion.forget() }
    lastTrain = arrival
    dispersion.add(size, gap: gap)
    if isQueued, sendGap < waits.0 { crossTraffic.add(size: size, gap: gap) }
  }

  /// All arrivals of a feedback were told.
  mutating func feedbackEnds() {
    defer { feedback = Feedback() }
    unexpected = feedback.unexpected
    hasTrain = feedback.hasTrain
    guard let newest = feedback.newestWait else { return }
    queueDelay = feedback.leastWait
    excessDelay = feedback.excessDelay
    // In a short time each packet may be late by chance.
    let calmest = feedback.duration < Self.leastDuration ? min(feedback.leastWait, formerLeastWait) : queueDelay
    formerLeastWait = feedback.leastWait
    newestWait = min(max(0, newest - 2 * noise), Self.longestWait)
    guard feedback.hasTrain else { return }
    crossTraffic.relax(towards: rate, elapsed: feedback.duration)
    // The path is used and no queue is seen: nothing speaks against more.
    let mayGrow = calmest < 0.008 + 5 * noise && throughput > 0.6 * rate
    dispersion.update(
      isQueued: queueDelay > 0.01 + 3 * noise,
      growth: mayGrow ? growthWithoutTrains * min(feedback.duration, 0.25) : 0)
  }

  /// How fast the rate grows, a second, where trains show less than they should.
  private var growthWithoutTrains: Double {
    rate < Self.leastRateOfTrains ? Self.slowGrowth : Self.noisyGrowth * dispersion.noisiness
  }

  /// Others fill the queue, so that the delay of the empty path is not seen.
  mutating func keepBaseDelay() {
    base.keep()
  }

  /// What was taken for a queue is a path that has become longer.
  mutating func pathBecameLonger() {
    base.reset()
    excessDelay = 0
    queueDelay = 0
    newestWait = 0
  }

  /// Packets take another path from now on, which may have any capacity.
  mutating func pathChanged(rate: Double) {
    pathBecameLonger()
    formerLeastWait = .infinity
    last = nil
    arrivals = ArrivalRate()
    crossTraffic = CrossTraffic(rate: rate)
    dispersion = Dispersion(rate: rate)
    lastTrain = nil
  }

  /// Begins anew at this rate.
  mutating func restart(at rate: Double) {
    dispersion.restart(at: rate)
  }
}
