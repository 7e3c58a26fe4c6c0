import NIOCore

/// Estimates the capacity of a path (``Dispersion``), and the queue before its bottleneck, from the answers to probes
/// among the media.
///
/// What was sent between two probes leaves the bottleneck between them. Where it was sent faster than the capacity, or
/// the second probe had to wait behind the first, it is as long on its way as the bottleneck takes for it: its bytes over
/// the time between the two answers are a sample of the capacity.
struct ProbeEstimator: Sendable {
  /// The window of the throughput, in seconds.
  private static let throughputWindow = 0.5
  /// The longest wait that is believed, in seconds: who answers later must not make us silent.
  private static let longestWait = 2.0

  /// A probe that was answered.
  private struct Answer {
    var sentAt: NIODeadline
    var bytes: Int
    /// The round-trip time in nanoseconds.
    var delay: Int64
    var wait: Double
  }

  /// The time that the last probe waited, in seconds.
  private(set) var wait = 0.0
  /// The round-trip time of the path while nothing waits, in seconds; nil before the first answer.
  private(set) var roundTrip: Double?

  private var dispersion: Dispersion
  private var base = BaseDelay()
  private var arrivals = ArrivalRate()
  private var last: Answer?

  init(rate: Double) {
    dispersion = Dispersion(rate: rate)
  }

  /// The capacity in bits per second.
  var rate: Double { dispersion.rate }
  /// The scatter of the times of answers, in seconds.
  var noise: Double { dispersion.noise }
  /// What arrives, in bits per second.
  var throughput: Double { arrivals.rate }
  /// Whether what is sent is limited by the source and not by the path, so that more of the path cannot be seen.
  var isSourceLimited: Bool { throughput <= 0.6 * rate }

  /// - Parameter bytes: what was sent up to the probe that is answered, itself included.
  mutating func answered(sentAt: NIODeadline, bytes: Int, now: NIODeadline) {
    let delay = (now - sentAt).nanoseconds
    base.add(delay, size: 0, rate: rate, now: now)
    wait = min(base.wait(delay, size: 0, rate: rate), Self.longestWait)
    roundTrip = Double(delay) / 1e9 - wait
    let answer = Answer(sentAt: sentAt, bytes: bytes, delay: delay, wait: wait)
    if let last { follow(last, answer) }
    last = answer
  }

  private mutating func follow(_ first: Answer, _ second: Answer) {
    let size = second.bytes - first.bytes
    let sendGap = (second.sentAt - first.sentAt).seconds
    // Not by what they waited: what counts as waiting may be another since the first.
    let gap = sendGap + Double(second.delay - first.delay) / 1e9
    dispersion.addScatter(size, sendGap: sendGap, gap: gap, weight: 1 / 32)
    // After an outage nothing is known of the bottleneck.
    guard abs(gap) < 1 else { return }
    arrivals.add(size, gap: gap, window: Self.throughputWindow)
    guard
      dispersion.isTrain(size, sendGap: sendGap)
        || dispersion.isQueued(size, sendGap: sendGap, waits: (first.wait, second.wait))
    else { return }
    dispersion.add(size, gap: gap)
    // The path is used and no queue is seen: nothing speaks against more.
    let mayGrow = min(first.wait, second.wait) < 0.02 + 4 * noise && !isSourceLimited
    dispersion.update(
      isQueued: second.wait > 0.02 + 3 * noise,
      growth: mayGrow ? CapacityEstimator.noisyGrowth * dispersion.noisiness * min(max(0, gap), 0.25) : 0)
  }

  /// What follows is not to be compared with what was before.
  mutating func pathChanged() {
    pathBecameLonger()
    last = nil
  }

  /// Others fill the queue, so that the delay of the empty path is not seen.
  mutating func keepBaseDelay() {
    base.keep()
  }

  /// What was taken for a queue is a path that has become longer.
  mutating func pathBecameLonger() {
    base.reset()
    wait = 0
  }

  /// Begins anew at this rate.
  mutating func restart(at rate: Double) {
    dispersion.restart(at: rate)
  }
}
