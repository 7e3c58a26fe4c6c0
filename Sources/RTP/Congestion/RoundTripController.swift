import NIOCore

/// Finds the rate that a path takes from the round-trip times of probes, and says when each packet may be sent, for a
/// peer that does not tell when packets arrive.
///
/// A probe is a small packet that the peer answers at once, and that waits before the bottleneck like the media around
/// it. One is sent before the packets of a frame and one behind: their answers are as far apart as the bottleneck made
/// the train between them (``ProbeEstimator``). Receiver reports come too rarely to steer by: those of GStreamer each two
/// to seven seconds.
///
/// As in ``CongestionController`` no more is sent than the bottleneck carries off (``SendWindow``).
package struct RoundTripController: Sendable {
  /// What a train may put before the bottleneck, in seconds; more until the bottleneck has shown itself by a queue.
  private static let burst = 0.015
  private static let firstBurst = 0.04
  /// The length of a probe in bytes, with all headers: a connectivity check with a username of 13 bytes.
  package static let probeSize = 142
  /// The share of the rate that probes may take: that of RTCP (RFC 3550 section 6.2).
  private static let probeShare = 0.05
  /// The bounds of the time between two pairs of probes in seconds, the time until the bottleneck has shown itself, and
  /// the time if it has not after some seconds because the path takes more than the source gives: each check costs as much
  /// as a packet.
  private static let intervals = 0.04...0.5
  private static let firstInterval = 0.02
  private static let idleInterval = 0.2
  private static let patience = TimeAmount.seconds(5)
  /// The most probes that are remembered: a second of them.
  private static let maximumProbes = 64
  /// A shorter wait is none, in seconds.
  private static let leastWait = 0.002

  private struct Probe {
    var number: Int
    var sentAt: NIODeadline
    /// What was sent up to it, itself included.
    var bytes: Int
    /// The time in seconds that it was expected to wait.
    var expectedWait: Double
  }

  private var capacity: ProbeEstimator
  private var window: SendWindow
  private var competition = Competition()
  /// Whether the peer has reported a loss since the last answer.
  private var isLossReported = false
  private var isBottleneckKnown = false
  /// The probes without an answer, in the order in which they were sent.
  private var probes: [Probe] = []
  private var nextNumber = 0
  /// What was sent so far, probes included.
  private var bytes = 0
  /// Whether a probe was sent before the packets that are sent now, and whether the one behind them is due.
  private var isTrainOpen = false
  private var isTrainOver = false
  private let start: NIODeadline
  private var nextPair: NIODeadline
  private var lastProbe: NIODeadline

  package init(rate: Double = CongestionController.initialRate, now: NIODeadline) {
    capacity = ProbeEstimator(rate: rate)
    window = SendWindow(now: now)
    start = now
    nextPair = now
    lastProbe = now
  }

  /// What the path carries in bits per second, with all headers.
  package var availableRate: Double { competition.share?.rate ?? capacity.rate }
  /// The time in seconds that the last probe waited before the bottleneck.
  package var queueDelay: Double { capacity.wait }
  /// The round-trip time in seconds, with the time that packets wait.
  package var roundTripTime: Double { (capacity.roundTrip ?? 0) + capacity.wait }

  /// The rate for what is encoded next, in bits per second, with all headers.
  ///
  /// - Parameter bytes: what is encoded and not sent yet.
  package func targetRate(held bytes: Int, now: NIODeadline) -> Double {
    if let share = competition.share { return share.targetRate(held: bytes) * window.trust(now: now) }
    return window.targetRate(held: bytes, rate: capacity.rate, now: now)
  }

  // MARK: Sending

  /// When the next packet may be sent.
  package var nextSendTime: NIODeadline {
    guard competition.share == nil else { return window.nextPacedTime }
    return window.nextSendTime(
      rate: capacity.rate, burst: isBottleneckKnown ? Self.burst : Self.firstBurst, throughput: capacity.throughput)
  }

  /// - Parameter size: the length of a packet in bytes, with all headers.
  package mutating func sent(size: Int, now: NIODeadline) {
    bytes += size
    window.sent(size, rate: capacity.rate, pace: competition.share?.pace, now: now)
  }

  /// Something was sent beside the packets of frames.
  package mutating func sentBeside(_ size: Int, now: NIODeadline) {
    bytes += size
    window.sentBeside(Double(size), rate: capacity.rate, now: now)
  }

  /// The last packet of a frame was sent.
  package mutating func frameSent() {
    isTrainOver = isTrainOpen
  }

  // MARK: Probes

  /// When the next probe is due; nil if none is.
  ///
  /// - Parameter hasMedia: whether packets wait to be sent.
  package func nextProbeTime(hasMedia: Bool) -> NIODeadline? {
    if isTrainOver { return lastProbe }
    guard hasMedia else { return nil }
    return window.awaitsIdle ? nextSendTime : max(nextPair, nextSendTime)
  }

  /// Returns the number of a probe that is sent now.
  package mutating func probeSent(now: NIODeadline) -> Int {
    if isTrainOver {
      isTrainOver = false
      isTrainOpen = false
    } else {
      isTrainOpen = true
      window.idleCame()
      nextPair = now + .nanoseconds(Int64(interval(now: now) * 1e9))
    }
    let wait = window.expectedWait(rate: capacity.rate, now: now)
    bytes += Self.probeSize
    window.probeSent(Double(Self.probeSize), rate: capacity.rate, now: now)
    if probes.count == Self.maximumProbes { probes.removeFirst() }
    probes.append(Probe(number: nextNumber, sentAt: now, bytes: bytes, expectedWait: wait))
    lastProbe = now
    nextNumber += 1
    return nextNumber - 1
  }

  /// The time between two pairs of probes, in seconds.
  private func interval(now: NIODeadline) -> Double {
    guard isBottleneckKnown else {
      return now - start > Self.patience && capacity.isSourceLimited ? Self.idleInterval : Self.firstInterval
    }
    let interval = 2 * Double(Self.probeSize) * 8 / (capacity.rate * Self.probeShare)
    return max(Self.intervals.lowerBound, min(interval, Self.intervals.upperBound))
  }

  /// The probe with this number was answered. Those before it count as lost.
  package mutating func receiveAnswer(to number: Int, now: NIODeadline) {
    guard let index = probes.firstIndex(where: { $0.number == number }) else { return }
    let probe = probes[index]
    probes.removeFirst(index + 1)
    let elapsed = window.wordCame(now: now)
    capacity.answered(sentAt: probe.sentAt, bytes: probe.bytes, now: now)
    if capacity.wait > 0.005 + 4 * capacity.noise { isBottleneckKnown = true }
    lookForOthers(probe, elapsed: elapsed, now: now)
    window.planIdle(isQueued: capacity.wait > probe.expectedWait + 0.02 + 4 * capacity.noise, now: now)
    window.reset(toWait: max(0, capacity.wait - 2 * capacity.noise), rate: capacity.rate, at: probe.sentAt)
    window.add(Double(bytes - probe.bytes), rate: capacity.rate, sentAt: probe.sentAt)
  }

  /// Packets take another path from now on: answers of the old one are not awaited.
  package mutating func pathChanged() {
    probes.removeAll()
    capacity.pathChanged()
    competition = Competition()
  }

  // MARK: Others on the same path

  /// The peer has reported lost packets.
  package mutating func lossReported() {
    isLossReported = true
  }

  private mutating func lookForOthers(_ probe: Probe, elapsed: Double, now: NIODeadline) {
    let isIdleExpected = probe.expectedWait < Self.leastWait
    if competition.share == nil, isIdleExpected { window.idleWasSeen(now: now) }
    let path = Competition.Path(
      rate: capacity.rate, throughput: capacity.throughput, delay: capacity.wait, noise: capacity.noise,
      isQueued: capacity.wait >= probe.expectedWait + 0.03 + 3 * capacity.noise,
      unexpected: isIdleExpected ? Lateness(delay: capacity.wait, wait: capacity.wait) : nil, roundTrip: roundTripTime,
      losses: isLossReported ? 1 : 0)
    if competition.share != nil { isLossReported = false }
    switch competition.update(path, elapsed: elapsed, now: now) {
    case .ended(let rate): capacity.restart(at: rate)
    case .pathIsLonger: capacity.pathBecameLonger()
    case nil: if competition.share != nil { capacity.keepBaseDelay() }
    }
  }
}
