import NIOCore

/// Finds the rate that a path takes, from transport-wide feedback, and says when each packet may be sent.
///
/// - The capacity is measured, by ``CapacityEstimator``, and not searched for: every frame is sent as a train, somewhat
///   faster than the capacity, and shows it.
/// - No more is sent than the bottleneck carries off: what waits there is predicted (``BottleneckQueue``) and corrected
///   by each feedback. So the queue stays short between feedbacks, too.
/// - The target for the encoder is the capacity, less what is to be made up for where frames wait, here or there.
/// - Loss alone says nothing of congestion: it takes a queue. Beside others that fill the queue, a share is taken
///   (``FairShare``).
package struct CongestionController: Sendable {
  /// The rate in bits per second from which a call starts where nothing is known of the path, as in libwebrtc.
  package static let initialRate = 300e3
  /// What may wait before the bottleneck and here together, in seconds: enough that the path never runs idle between
  /// two frames.
  private static let backlog = 0.03
  /// The time over which a backlog that is too long is made up for, in seconds.
  private static let correctionTime = 0.4
  /// The bounds of the target in parts of the capacity.
  private static let correction = 0.3...1.05
  /// The part of the usual rate from which on others have taken none of it.
  static let heldCapacity = 0.5
  /// The share of the bottleneck from which on others are certain, and the most that is left to them.
  private static let ownShare = 0.9
  private static let concession = 0.3
  /// How much faster than the capacity a train is sent.
  private static let trainGain = 2.0
  /// What a train may put before the bottleneck, in seconds; more until the bottleneck has shown itself by a queue, so
  /// that each feedback shows twice the rate of the one before; less on a path that loses packets, whose queue may be
  /// short.
  private static let burst = 0.012
  private static let firstBurst = 0.04
  private static let burstWithLoss = 0.005
  private static let lossOfShortQueues = 0.02
  /// The longest time for which nothing is sent, whatever may wait: without a packet nobody learns that the path is back.
  private static let longestSilence = TimeAmount.milliseconds(200)
  /// The most of the losses that is made up for.
  private static let compensatedLoss = 0.1
  /// The longest time until the bottleneck is left idle for a moment, so that the path's own delay is seen.
  private static let idleInterval = TimeAmount.seconds(4)
  /// The same while packets wait longer than they should.
  private static let idleIntervalWhenQueued = TimeAmount.milliseconds(100)
  /// The length of a usual packet in bits.
  static let packetBits = 1_200.0 * 8

  private var history = SendHistory()
  private var capacity: CapacityEstimator
  private var queue: BottleneckQueue
  private var standing = StandingQueue()
  private var probes: ProbeSchedule
  private var share: FairShare?
  /// The capacity of the last seconds in bits per second, of which a share is taken when others come.
  private var usualRate = 0.0
  /// The share of packets that are lost, and what a train may put before the bottleneck in seconds.
  private var lossRate = 0.0
  private var burst = Self.firstBurst
  /// The part of what is sent that the bottleneck carries: without a queue, losses are those of the medium.
  private var carriedShare = 1.0
  private var isBottleneckKnown = false
  /// The round-trip time in seconds while nothing waits.
  private var roundTrip = 0.1
  private var nextSend: NIODeadline
  private var lastSend: NIODeadline
  private var lastIdle: NIODeadline
  /// Whether the bottleneck is to be left idle before the next packet.
  private var awaitsIdle = false
  private var lastFeedback: NIODeadline?
  /// The bytes that the peer told have arrived, with all headers.
  package private(set) var bytesDelivered = 0

  package init(rate: Double = Self.initialRate, now: NIODeadline) {
    capacity = CapacityEstimator(rate: rate)
    queue = BottleneckQueue(now: now)
    probes = ProbeSchedule(now: now)
    nextSend = now
    lastSend = now
    lastIdle = now
  }

  /// Whether the peer has told of any arrival.
  package var hasFeedback: Bool { lastFeedback != nil }
  /// What the path carries in bits per second, with all headers.
  package var availableRate: Double { share?.rate ?? capacity.rate }
  /// The least time in seconds that packets waited before the bottleneck, by the last feedback.
  package var queueDelay: Double { capacity.queueDelay }

  /// The rate for what is encoded next, in bits per second, with all headers.
  ///
  /// - Parameter bytes: what is encoded and not sent yet.
  package func targetRate(held bytes: Int, now: NIODeadline) -> Double {
    if let share { return share.rate * max(0.3, min(1, 1.2 - Double(bytes) * 8 / share.rate)) }
    let backlog = (Double(bytes) + queue.length(rate: capacity.rate, now: now)) * 8 / capacity.rate
    let correction = 1 + (Self.backlog - backlog) / Self.correctionTime
    return capacity.rate * (1 - concession) / carriedShare * trust(now)
      * max(Self.correction.lowerBound, min(correction, Self.correction.upperBound))
  }

  /// The part of the estimate that is left to others: what a bottleneck that is always busy carries of two flows is what
  /// it was sent of each, so that neither would ever get more.
  private var concession: Double {
    guard let share = capacity.share else { return 0 }
    return max(0, min(Self.concession, 2 * (Self.ownShare - share), 1 - 0.5 / share))
  }

  /// Whether more waits than our own bursts.
  private var isQueued: Bool { capacity.queueDelay > 0.03 + 3 * capacity.noise }

  /// How much of the estimate still holds: less where the peer has not been heard of for more than a second.
  private func trust(_ now: NIODeadline) -> Double {
    guard let lastFeedback else { return 1 }
    return min(1, 1 / max(1, (now - lastFeedback).seconds))
  }

  // MARK: Sending

  /// When the next packet may be sent.
  package var nextSendTime: NIODeadline {
    guard share == nil else { return nextSend }
    let allowed = awaitsIdle ? 0 : capacity.rate / 8 * burst
    let drained = queue.time(ofLength: allowed, rate: capacity.rate)
    return max(nextSend, min(drained, lastSend + Self.longestSilence))
  }

  /// - Parameters:
  ///   - number: the transport-wide sequence number.
  ///   - size: the length in bytes, with all headers.
  ///   - isProbe: whether it was sent for ``takeProbe(now:)`` alone.
  package mutating func sent(_ number: UInt16, size: Int, isProbe: Bool = false, now: NIODeadline) {
    probes.sent(size, isProbe: isProbe)
    let wait = queue.length(rate: capacity.rate, now: now) * 8 / capacity.rate
    history.sent(.init(sentAt: now, size: size, expectedWait: wait), number: number)
    queue.add(Double(size) * carriedShare, rate: capacity.rate, now: now)
    let pace = share.map { $0.rate * 1.5 } ?? capacity.rate * Self.trainGain
    lastSend = now
    nextSend = max(nextSend, now) + .nanoseconds(Int64(Double(size) * 8 / pace * 1e9))
  }

  /// The bytes to be sent as a probe right behind the frame that was encoded last: packets that were sent before, again.
  ///
  /// - Returns: 0 where what is sent shows the path, where something waits, or where probes would be more than their share.
  package mutating func takeProbe(now: NIODeadline) -> Int {
    guard hasFeedback, !isQueued, probes.isDue(now: now) else { return 0 }
    probes.trainWasSent(now: now)
    return ProbeSchedule.length
  }

  // MARK: Feedback

  package mutating func receive(_ feedback: TransportWideFeedback, now: NIODeadline) {
    let elapsed = min(0.5, (now - (lastFeedback ?? now)).seconds)
    var newest: NIODeadline?
    var (arrivals, losses, delivered) = (0, 0, 0)
    var capacity = capacity
    history.receive(
      feedback,
      arrived: { packet, arrival in
        capacity.arrived(packet, at: arrival, now: now)
        newest = packet.sentAt
        arrivals += 1
        delivered += packet.size
      }, lost: { _ in losses += 1 })
    capacity.feedbackEnds()
    self.capacity = capacity
    if capacity.hasTrain { probes.trainWasSent(now: now) }
    bytesDelivered += delivered
    guard let newest else { return }
    lastFeedback = now
    if capacity.queueDelay < 0.02 { roundTrip = min(roundTrip + 0.0005, (now - newest).seconds) }
    lossRate += (Double(losses) / Double(arrivals + losses) - lossRate) * elapsed
    carriedShare =
      capacity.queueDelay < 0.02 + 3 * capacity.noise
      ? 1 - min(max(0, lossRate - Self.lossOfShortQueues), Self.compensatedLoss) : 1
    if !isBottleneckKnown, capacity.queueDelay > 0.005 + 4 * capacity.noise || losses > 0 {
      isBottleneckKnown = true
      burst = Self.burst
    }
    if isBottleneckKnown {
      burst += ((lossRate > Self.lossOfShortQueues ? Self.burstWithLoss : Self.burst) - burst) * elapsed
    }
    if share == nil { lookForOthers(elapsed: elapsed, now: now) } else { takeShare(losses, elapsed: elapsed, now: now) }
    let waits = capacity.queueDelay > 0.02 + 4 * capacity.noise
    awaitsIdle = now - lastIdle > (waits ? Self.idleIntervalWhenQueued : Self.idleInterval)
    predict(after: newest)
  }

  private mutating func lookForOthers(elapsed: Double, now: NIODeadline) {
    if !isQueued {
      usualRate += (capacity.rate - usualRate) * min(1, elapsed / (usualRate < capacity.rate ? 0.5 : 4))
    }
    guard let wait = capacity.unexpectedWait else { return }
    lastIdle = now
    let capacityHolds = capacity.rate > Self.heldCapacity * usualRate
    switch standing.add(
      wait, noise: capacity.noise, capacityHolds: capacityHolds, packetTime: packetTime, now: now)
    {
    case .competition: share = FairShare(rate: max(capacity.throughput, usualRate / 2), now: now)
    case .longerPath: capacity.pathBecameLonger()
    case nil: break
    }
  }

  /// The time in seconds that the bottleneck takes for a packet, as far as it is known.
  private var packetTime: Double { min(0.03, Self.packetBits / max(capacity.rate, usualRate)) }

  private mutating func takeShare(_ losses: Int, elapsed: Double, now: NIODeadline) {
    let verdict = share?.update(
      losses: losses, wait: capacity.queueDelay, noise: capacity.noise, roundTrip: roundTrip + capacity.queueDelay,
      elapsed: elapsed, now: now)
    switch verdict {
    case .queueIsEmpty:
      if let share { capacity.restart(at: share.rate) }
      share = nil
    case .pathIsLonger:
      capacity.pathBecameLonger()
      share = nil
    case .shared, nil: break
    }
  }

  /// Sets what waits now: what waited when the newest packet arrived, and what was sent since.
  private mutating func predict(after newest: NIODeadline) {
    var queue = queue
    queue.reset(to: capacity.newestWait * capacity.rate / 8, at: newest)
    let (rate, carriedShare) = (capacity.rate, carriedShare)
    history.forEachInFlight(sentFrom: newest) { queue.add(Double($0.size) * carriedShare, rate: rate, now: $0.sentAt) }
    self.queue = queue
  }
}
