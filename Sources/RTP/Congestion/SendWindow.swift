import NIOCore

/// When packets may leave for a bottleneck: no more than it carries off, and each train somewhat faster than that.
///
/// What waits before the bottleneck is predicted (``BottleneckQueue``) and corrected by what the peer tells, so that the
/// queue stays short in between, too.
struct SendWindow: Sendable {
  /// What may wait before the bottleneck and here together, in seconds: enough that the path never runs idle between
  /// two frames.
  private static let backlog = 0.03
  /// The time over which a backlog that is too long is made up for, in seconds.
  private static let correctionTime = 0.4
  /// The bounds of the target in parts of the capacity.
  private static let correction = 0.3...1.05
  /// How much faster than the capacity a train is sent.
  private static let trainGain = 2.0
  /// What is due so soon after a packet leaves with it on a path that has more than is sent: each wake-up costs as much
  /// as several packets.
  private static let quantum = TimeAmount.milliseconds(5)
  /// The part of the capacity up to which a path has more than is sent.
  private static let ampleness = 0.8
  /// The longest time for which nothing is sent, whatever may wait: without a packet nobody learns that the path is back.
  private static let longestSilence = TimeAmount.milliseconds(200)
  /// The longest time until the bottleneck is left idle for a moment, so that the path's own delay is seen.
  private static let idleInterval = TimeAmount.seconds(4)
  /// The same while packets wait longer than they should.
  private static let idleIntervalWhenQueued = TimeAmount.milliseconds(100)

  private var queue: BottleneckQueue
  private var nextSend: NIODeadline
  private var lastSend: NIODeadline
  private var lastIdle: NIODeadline
  /// Whether the bottleneck is to be left idle before the next packet.
  private(set) var awaitsIdle = false
  private var lastWord: NIODeadline?

  init(now: NIODeadline) {
    queue = BottleneckQueue(now: now)
    nextSend = now
    lastSend = now
    lastIdle = now
  }

  /// Whether the peer has told of anything that it got.
  var hasWord: Bool { lastWord != nil }

  /// When the next packet may be sent.
  ///
  /// - Parameters:
  ///   - rate: the capacity in bits per second.
  ///   - burst: what a train may put before the bottleneck, in seconds.
  ///   - throughput: what arrives, in bits per second.
  func nextSendTime(rate: Double, burst: Double, throughput: Double) -> NIODeadline {
    let drained = queue.time(ofLength: awaitsIdle ? 0 : rate / 8 * burst, rate: rate)
    let time = max(nextSend, min(drained, lastSend + Self.longestSilence))
    let isAmple = hasWord && throughput <= Self.ampleness * rate && !awaitsIdle
    return isAmple && time <= lastSend + Self.quantum ? lastSend : time
  }

  /// The same beside others that fill the queue, whatever waits there.
  var nextPacedTime: NIODeadline { nextSend }

  /// The time in seconds that what is sent now has to wait before the bottleneck.
  func expectedWait(rate: Double, now: NIODeadline) -> Double { queue.length(rate: rate, now: now) * 8 / rate }

  /// The rate for what is encoded next, in bits per second: less where frames wait, or where the peer has not been heard
  /// of for more than a second.
  ///
  /// - Parameter bytes: what is encoded and not sent yet.
  func targetRate(held bytes: Int, rate: Double, now: NIODeadline) -> Double {
    let backlog = Double(bytes) * 8 / rate + expectedWait(rate: rate, now: now)
    let correction = 1 + (Self.backlog - backlog) / Self.correctionTime
    return rate * trust(now: now) * max(Self.correction.lowerBound, min(correction, Self.correction.upperBound))
  }

  /// The part of what is known of the path that still counts: less if the peer has not been heard of for more than a
  /// second.
  func trust(now: NIODeadline) -> Double {
    lastWord.map { min(1, 1 / max(1, (now - $0).seconds)) } ?? 1
  }

  // MARK: Packets

  /// - Parameters:
  ///   - size: the length of a packet in bytes, with all headers.
  ///   - rate: the capacity in bits per second.
  ///   - pace: the pace beside others, in bits per second; nil if there are none.
  ///   - carriedShare: the part of what is sent that reaches the bottleneck.
  mutating func sent(
    _ size: Int, rate: Double, pace: Double?, carriedShare: Double = 1, now: NIODeadline
  ) {
    probeSent(Double(size) * carriedShare, rate: rate, now: now)
    let pace = pace ?? rate * Self.trainGain
    nextSend = max(nextSend, now) + .nanoseconds(Int64(Double(size) * 8 / pace * 1e9))
  }

  /// Something was sent without a pace by which the peer tells of the path.
  mutating func probeSent(_ bytes: Double, rate: Double, now: NIODeadline) {
    queue.add(bytes, rate: rate, now: now)
    lastSend = now
  }

  /// Something was sent of which the peer does not tell: it breaks no silence.
  mutating func sentBeside(_ bytes: Double, rate: Double, now: NIODeadline) {
    queue.add(bytes, rate: rate, now: now)
  }

  // MARK: What the peer tells

  /// The peer has told of something that it got.
  ///
  /// - Returns: the time in seconds since the last time, half a second at most.
  mutating func wordCame(now: NIODeadline) -> Double {
    defer { lastWord = now }
    return min(0.5, (now - (lastWord ?? now)).seconds)
  }

  /// A packet was told of before which the bottleneck was idle.
  mutating func idleWasSeen(now: NIODeadline) {
    lastIdle = now
  }

  /// - Parameter isQueued: whether packets wait longer than they should.
  mutating func planIdle(isQueued: Bool, now: NIODeadline) {
    awaitsIdle = now - lastIdle > (isQueued ? Self.idleIntervalWhenQueued : Self.idleInterval)
  }

  /// The bottleneck was left idle, as far as is known.
  mutating func idleCame() {
    awaitsIdle = false
  }

  /// Packets take another path from now on: nothing waits there, and what the peer does not tell of another says nothing.
  mutating func pathChanged(rate: Double, now: NIODeadline) {
    reset(toWait: 0, rate: rate, at: now)
    if hasWord { lastWord = now }
  }

  /// Sets what waited at a time that has passed; what was sent since then is added after.
  mutating func reset(toWait wait: Double, rate: Double, at time: NIODeadline) {
    queue.reset(to: wait * rate / 8, at: time)
  }

  /// Adds what was sent since.
  mutating func add(_ bytes: Double, rate: Double, sentAt time: NIODeadline) {
    queue.add(bytes, rate: rate, now: time)
  }
}
