import NIOCore

/// Finds the rate that a path takes from the round-trip times of probes, and says when each packet may be sent, for a
/// peer that does not tell when packets arrive.
///
/// A probe is a small packet that the peer answers at once, and that waits before the bottleneck like the media around
/// it. One is sent before the packets of a frame and one behind: their answers are as far apart as the bottleneck made
/// the train between them (``DispersionEstimator``). Receiver reports come too rarely to steer by: those of GStreamer
/// each two to seven seconds.
///
/// As in ``CongestionController`` no more is sent than the bottleneck carries off, by a prediction that each answer
/// corrects (``BottleneckQueue``).
package struct RoundTripController: Sendable {
  /// What may wait before the bottleneck and here together, in seconds: enough that the path never runs idle between
  /// two frames.
  private static let backlog = 0.03
  /// The time over which a backlog that is too long is made up for, in seconds.
  private static let correctionTime = 0.4
  /// The bounds of the target in parts of the capacity.
  private static let correction = 0.3...1.05
  /// How much faster than the capacity a train is sent.
  private static let trainGain = 2.0
  /// What a train may put before the bottleneck, in seconds; more until the bottleneck has shown itself by a queue.
  private static let burst = 0.015
  private static let firstBurst = 0.04
  /// The length of a probe in bytes, with all headers: a connectivity check with a username of 13 bytes.
  package static let probeSize = 142
  /// The share of the rate that probes may take: that of RTCP (RFC 3550 section 6.2).
  private static let probeShare = 0.05
  /// The bounds of the time between two pairs of probes in seconds, and the time until the bottleneck has shown itself.
  private static let intervals = 0.04...0.5
  private static let firstInterval = 0.02
  /// The most probes that are remembered: a second of them.
  private static let maximumProbes = 64
  /// The longest time until the bottleneck is left idle for a moment, so that the path's own delay is seen.
  private static let idleInterval = TimeAmount.seconds(4)
  /// The same while probes wait longer than they should.
  private static let idleIntervalWhenQueued = TimeAmount.milliseconds(100)
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

  private var capacity: DispersionEstimator
  private var queue: BottleneckQueue
  private var standing = StandingQueue()
  private var share: FairShare?
  /// The capacity of the last seconds in bits per second, of which a share is taken when others come.
  private var usualRate = 0.0
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
  private var nextPair: NIODeadline
  private var nextSend: NIODeadline
  private var lastProbe: NIODeadline
  private var lastAnswer: NIODeadline?
  private var lastIdle: NIODeadline
  /// Whether the bottleneck is to be left idle before the next packet.
  private var awaitsIdle = false

  package init(rate: Double = CongestionController.initialRate, now: NIODeadline) {
    capacity = DispersionEstimator(rate: rate)
    queue = BottleneckQueue(now: now)
    nextPair = now
    nextSend = now
    lastProbe = now
    lastIdle = now
  }

  /// What the path carries in bits per second, with all headers.
  package var availableRate: Double { share?.rate ?? capacity.rate }
  /// The time in seconds that the last probe waited before the bottleneck.
  package var queueDelay: Double { capacity.wait }

  /// The rate for what is encoded next, in bits per second, with all headers.
  ///
  /// - Parameter bytes: what is encoded and not sent yet.
  package func targetRate(held bytes: Int, now: NIODeadline) -> Double {
    if let share { return share.rate * max(0.3, min(1, 1.2 - Double(bytes) * 8 / share.rate)) }
    let backlog = (Double(bytes) + queue.length(rate: capacity.rate, now: now)) * 8 / capacity.rate
    let correction = 1 + (Self.backlog - backlog) / Self.correctionTime
    return capacity.rate * trust(now) * max(Self.correction.lowerBound, min(correction, Self.correction.upperBound))
  }

  /// How much of the estimate still holds: less where the peer has not answered for more than a second.
  private func trust(_ now: NIODeadline) -> Double {
    guard let lastAnswer else { return 1 }
    return min(1, 1 / max(1, (now - lastAnswer).seconds))
  }

  // MARK: Sending

  /// When the next packet may be sent.
  package var nextSendTime: NIODeadline {
    guard share == nil else { return nextSend }
    let allowed = awaitsIdle ? 0 : capacity.rate / 8 * (isBottleneckKnown ? Self.burst : Self.firstBurst)
    return max(nextSend, queue.time(ofLength: allowed, rate: capacity.rate))
  }

  /// - Parameter size: the length of a packet in bytes, with all headers.
  package mutating func sent(size: Int, now: NIODeadline) {
    enqueue(size, now: now)
    let pace = share.map { $0.rate * 1.5 } ?? capacity.rate * Self.trainGain
    nextSend = max(nextSend, now) + .nanoseconds(Int64(Double(size) * 8 / pace * 1e9))
  }

  private mutating func enqueue(_ size: Int, now: NIODeadline) {
    bytes += size
    queue.add(Double(size), rate: capacity.rate, now: now)
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
    return awaitsIdle ? nextSendTime : max(nextPair, nextSendTime)
  }

  /// Returns the number of a probe that is sent now.
  package mutating func probeSent(now: NIODeadline) -> Int {
    if isTrainOver {
      isTrainOver = false
      isTrainOpen = false
    } else {
      isTrainOpen = true
      awaitsIdle = false
      nextPair = now + .nanoseconds(Int64(interval * 1e9))
    }
    let wait = queue.length(rate: capacity.rate, now: now) * 8 / capacity.rate
    enqueue(Self.probeSize, now: now)
    if probes.count == Self.maximumProbes { probes.removeFirst() }
    probes.append(Probe(number: nextNumber, sentAt: now, bytes: bytes, expectedWait: wait))
    lastProbe = now
    nextNumber += 1
    return nextNumber - 1
  }

  /// The time between two pairs of probes, in seconds.
  private var interval: Double {
    guard isBottleneckKnown else { return Self.firstInterval }
    let interval = 2 * Double(Self.probeSize) * 8 / (capacity.rate * Self.probeShare)
    return max(Self.intervals.lowerBound, min(interval, Self.intervals.upperBound))
  }

  /// The probe with this number was answered. Those before it count as lost.
  package mutating func receiveAnswer(to number: Int, now: NIODeadline) {
    guard let index = probes.firstIndex(where: { $0.number == number }) else { return }
    let probe = probes[index]
    probes.removeFirst(index + 1)
    let elapsed = min(0.5, (now - (lastAnswer ?? now)).seconds)
    lastAnswer = now
    capacity.answered(sentAt: probe.sentAt, bytes: probe.bytes, now: now)
    if capacity.wait > 0.005 + 4 * capacity.noise { isBottleneckKnown = true }
    if share == nil { lookForOthers(probe, elapsed: elapsed, now: now) } else { takeShare(elapsed: elapsed, now: now) }
    let isQueued = capacity.wait > probe.expectedWait + 0.02 + 4 * capacity.noise
    awaitsIdle = now - lastIdle > (isQueued ? Self.idleIntervalWhenQueued : Self.idleInterval)
    queue.reset(to: max(0, capacity.wait - 2 * capacity.noise) * capacity.rate / 8, at: probe.sentAt)
    queue.add(Double(bytes - probe.bytes), rate: capacity.rate, now: probe.sentAt)
  }

  /// Packets take another path from now on: answers of the old one are not awaited.
  package mutating func pathChanged() {
    probes.removeAll()
    capacity.pathChanged()
  }

  // MARK: Others on the same path

  /// The peer has reported lost packets.
  package mutating func lossReported() {
    isLossReported = true
  }

  private mutating func lookForOthers(_ probe: Probe, elapsed: Double, now: NIODeadline) {
    if capacity.wait < probe.expectedWait + 0.03 + 3 * capacity.noise {
      usualRate += (capacity.rate - usualRate) * min(1, elapsed / (usualRate < capacity.rate ? 0.5 : 4))
    }
    guard probe.expectedWait < Self.leastWait else { return }
    lastIdle = now
    let packetTime = min(0.03, CongestionController.packetBits / max(capacity.rate, usualRate))
    let capacityHolds = capacity.rate > CongestionController.heldCapacity * usualRate
    switch standing.add(
      capacity.wait, noise: capacity.noise, capacityHolds: capacityHolds, packetTime: packetTime, now: now)
    {
    case .competition: share = FairShare(rate: max(capacity.throughput, usualRate / 2), now: now)
    case .longerPath: capacity.pathBecameLonger()
    case nil: break
    }
  }

  private mutating func takeShare(elapsed: Double, now: NIODeadline) {
    let capacity = capacity
    let losses = isLossReported ? 1 : 0
    isLossReported = false
    let verdict = share?.update(
      losses: losses, wait: capacity.wait, noise: capacity.noise,
      roundTrip: (capacity.roundTrip ?? 0) + capacity.wait, elapsed: elapsed, now: now)
    switch verdict {
    case .queueIsEmpty:
      if let share { self.capacity.restart(at: share.rate) }
      share = nil
    case .pathIsLonger:
      self.capacity.pathBecameLonger()
      share = nil
    case .shared, nil: break
    }
  }
}
