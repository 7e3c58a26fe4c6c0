import NIOCore

/// Finds the rate that a path takes, from transport-wide feedback, and says when each packet may be sent.
///
/// - The capacity is measured, by ``CapacityEstimator``, and not searched for: every frame is sent as a train, somewhat
///   faster than the capacity, and shows it.
/// - No more is sent than the bottleneck carries off (``SendWindow``).
/// - The target for the encoder is the capacity, less what is to be made up for where frames wait, here or there.
/// - Loss alone says nothing of congestion: it takes a queue. Beside others that fill the queue, a share is taken
///   (``Competition``).
package struct CongestionController: Sendable {
  /// The rate in bits per second from which a call starts where nothing is known of the path, as in libwebrtc.
  package static let initialRate = 300e3
  /// The share of the bottleneck from which on others are certain, by how much more is left to them than the share is
  /// below it, and the most that is left.
  private static let ownShare = 0.9
  private static let concessionSlope = 4.0
  private static let concession = 0.3
  /// How much faster than the capacity a train is sent beside such others, so that their packets wait less.
  private static let trainGainBesideOthers = 1.5
  /// What a train may put before the bottleneck, in seconds; more until the bottleneck has shown itself by a queue, so
  /// that each feedback shows twice the rate of the one before; less on a path that loses packets, whose queue may be
  /// short, and beside others that do not fill it.
  private static let burst = 0.012
  private static let firstBurst = 0.04
  private static let shortBurst = 0.005
  private static let lossOfShortQueues = 0.02
  /// The round-trip time in seconds before the first feedback.
  private static let initialRoundTrip = 0.1
  /// The most of the losses that is made up for.
  private static let compensatedLoss = 0.1

  private var history = SendHistory()
  private var capacity: CapacityEstimator
  private var window: SendWindow
  private var probes: ProbeSchedule
  private var competition = Competition()
  /// The share of packets that are lost, and what a train may put before the bottleneck in seconds.
  private var lossRate = 0.0
  private var burst = Self.firstBurst
  /// The part of what is sent that the bottleneck carries: without a queue, losses are those of the medium.
  private var carriedShare = 1.0
  private var isBottleneckKnown = false
  /// The round-trip time in seconds while nothing waits; nil until a feedback tells of it on this path.
  private var roundTrip: Double?
  /// Since when packets have taken this path.
  private var pathStart = NIODeadline.distantPast
  /// When the newest packet was sent of which a feedback has told.
  private var newest: NIODeadline?
  /// The bytes that the peer told have arrived, with all headers.
  package private(set) var bytesDelivered = 0

  package init(rate: Double = Self.initialRate, now: NIODeadline) {
    capacity = CapacityEstimator(rate: rate)
    window = SendWindow(now: now)
    probes = ProbeSchedule(now: now)
  }

  /// Whether the peer has told of any arrival.
  package var hasFeedback: Bool { window.hasWord }
  /// What the path carries in bits per second, with all headers.
  package var availableRate: Double { competition.share?.rate ?? capacity.rate }
  /// The least time in seconds that packets waited before the bottleneck, by the last feedback.
  package var queueDelay: Double { capacity.queueDelay }
  /// The round-trip time in seconds, with the time that packets wait.
  package var roundTripTime: Double { (roundTrip ?? Self.initialRoundTrip) + capacity.queueDelay }

  /// The rate for what is encoded next, in bits per second, with all headers.
  ///
  /// - Parameter bytes: what is encoded and not sent yet.
  package func targetRate(held bytes: Int, now: NIODeadline) -> Double {
    if let share = competition.share { return share.targetRate(held: bytes) * window.trust(now: now) }
    return window.targetRate(held: bytes, rate: capacity.rate, now: now) * (1 - concession) / carriedShare
  }

  /// The part of the estimate that is left to others: what a bottleneck that is always busy carries of two flows is what
  /// it was sent of each, so that neither would ever get more.
  private var concession: Double {
    guard let share = capacity.share else { return 0 }
    return max(0, min(Self.concession, Self.concessionSlope * (Self.ownShare - share), 1 - 0.5 / share))
  }

  /// Whether more waits than our own bursts.
  private var isQueued: Bool { capacity.queueDelay > 0.03 + 3 * capacity.noise }

  // MARK: Sending

  /// The pace beside others, in bits per second; nil where there are none.
  private var pace: Double? {
    competition.share?.pace ?? (concession > 0 ? capacity.rate * Self.trainGainBesideOthers : nil)
  }

  /// When the next packet may be sent.
  package var nextSendTime: NIODeadline {
    guard competition.share == nil else { return window.nextPacedTime }
    guard concession == 0 else {
      // What is left to others is not ample.
      return window.nextSendTime(rate: capacity.rate, burst: min(burst, Self.shortBurst), throughput: capacity.rate)
    }
    return window.nextSendTime(rate: capacity.rate, burst: burst, throughput: capacity.throughput)
  }

  /// - Parameters:
  ///   - number: the transport-wide sequence number.
  ///   - size: the length in bytes, with all headers.
  ///   - isProbe: whether it was sent for ``takeProbe(now:)`` alone.
  package mutating func sent(_ number: UInt16, size: Int, isProbe: Bool = false, now: NIODeadline) {
    probes.sent(size, isProbe: isProbe)
    history.sent(
      .init(sentAt: now, size: size, expectedWait: window.expectedWait(rate: capacity.rate, now: now)),
      number: number)
    window.sent(size, rate: capacity.rate, pace: pace, carriedShare: carriedShare, now: now)
  }

  /// Something was sent of which feedback does not tell.
  package mutating func sentBeside(_ size: Int, now: NIODeadline) {
    window.sentBeside(Double(size), rate: capacity.rate, now: now)
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
    var newest: NIODeadline?
    var (arrivals, losses, delivered) = (0, 0, 0)
    var capacity = capacity
    let pathStart = pathStart
    history.receive(
      feedback,
      arrived: { packet, arrival in
        delivered += packet.size
        guard packet.sentAt >= pathStart else { return }
        capacity.arrived(packet, at: arrival, now: now)
        newest = packet.sentAt
        arrivals += 1
      }, lost: { losses += $0.sentAt >= pathStart ? 1 : 0 })
    capacity.feedbackEnds()
    self.capacity = capacity
    if capacity.hasTrain { probes.trainWasSent(now: now) }
    bytesDelivered += delivered
    guard let newest else { return }
    self.newest = newest
    let elapsed = window.wordCame(now: now)
    if capacity.queueDelay < 0.02 {
      roundTrip = min(roundTrip.map { $0 + 0.0005 } ?? .infinity, (now - newest).seconds)
    }
    lossRate += (Double(losses) / Double(arrivals + losses) - lossRate) * elapsed
    carriedShare =
      capacity.queueDelay < 0.02 + 3 * capacity.noise
      ? 1 - min(max(0, lossRate - Self.lossOfShortQueues), Self.compensatedLoss) : 1
    followBurst(losses: losses, elapsed: elapsed)
    lookForOthers(losses: losses, elapsed: elapsed, now: now)
    window.planIdle(isQueued: capacity.queueDelay > 0.02 + 4 * capacity.noise, now: now)
    predict(after: newest)
  }

  /// Packets take another path from now on: what the peer tells of those that were sent before says nothing of it.
  ///
  /// - Parameter rate: the rate to begin with, in bits per second.
  package mutating func pathChanged(rate: Double, now: NIODeadline) {
    pathStart = now
    newest = nil
    roundTrip = nil
    (lossRate, carriedShare) = (0, 1)
    (burst, isBottleneckKnown) = (Self.firstBurst, false)
    competition = Competition()
    capacity.pathChanged(rate: rate)
    window.pathChanged(rate: rate, now: now)
  }

  /// The peer misses packets, by their transport-wide sequence numbers: a NACK tells of it sooner than a feedback does.
  package mutating func missed(_ numbers: [UInt16]) {
    for number in numbers { history.missed(number) }
    if let newest { predict(after: newest) }
  }

  /// A packet was sent again under the same transport-wide sequence number.
  package mutating func sentAgain(_ number: UInt16) {
    history.sentAgain(number)
  }

  private mutating func followBurst(losses: Int, elapsed: Double) {
    if !isBottleneckKnown, capacity.queueDelay > 0.005 + 4 * capacity.noise || losses > 0 {
      isBottleneckKnown = true
      burst = Self.burst
    }
    guard isBottleneckKnown else { return }
    burst += ((lossRate > Self.lossOfShortQueues ? Self.shortBurst : Self.burst) - burst) * elapsed
  }

  private mutating func lookForOthers(losses: Int, elapsed: Double, now: NIODeadline) {
    if competition.share == nil, capacity.unexpected != nil { window.idleWasSeen(now: now) }
    let path = Competition.Path(
      rate: capacity.rate, throughput: capacity.throughput, delay: capacity.excessDelay, noise: capacity.noise,
      isQueued: isQueued, unexpected: capacity.unexpected,
      // Not by the wait: beside others a packet seems to take long and not to wait.
      roundTrip: (roundTrip ?? Self.initialRoundTrip) + capacity.excessDelay, losses: losses)
    switch competition.update(path, elapsed: elapsed, now: now) {
    case .ended(let rate): capacity.restart(at: rate)
    case .pathIsLonger:
      capacity.pathBecameLonger()
      roundTrip = nil
    case nil: if competition.share != nil { capacity.keepBaseDelay() }
    }
  }

  /// Sets what waits now: what waited when the newest packet arrived, and what was sent since.
  private mutating func predict(after newest: NIODeadline) {
    var window = window
    let (rate, carriedShare) = (capacity.rate, carriedShare)
    window.reset(toWait: capacity.newestWait, rate: rate, at: newest)
    history.forEachInFlight(sentFrom: newest) {
      window.add(Double($0.size) * carriedShare, rate: rate, sentAt: $0.sentAt)
    }
    self.window = window
  }
}
