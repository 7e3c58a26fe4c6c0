import NIOCore

/// Puts the packets of one stream into order and holds them for as long as the network's jitter makes it necessary, from
/// 40 to 200 ms (RFC 3550 section 6.4.4 and RFC 7587 section 4.2).
///
/// It holds no more than ``capacity`` packets, whatever comes.
package struct JitterBuffer {
  package enum Next: Equatable {
    case packet(ByteBuffer)
    /// The packet is lost, and the one after it may tell what was in it (in-band FEC).
    case lost(next: ByteBuffer?)
    /// The packet is not there yet: what it has is made up, and it is asked for once more.
    case late
    /// Nothing is to be heard: there is no stream, or it pauses.
    case none
  }

  package struct Counters: Equatable {
    package var late = 0
    package var duplicates = 0
    package var lost = 0

    package init() {}
  }

  package private(set) var counters = Counters()
  /// How long the packet that was taken out last was held.
  package private(set) var lastDelay = TimeAmount.zero
  /// The delay that is aimed at, from the arrival of the fastest packets on.
  package var target: TimeAmount {
    max(Self.least, min(estimator.spread + SoundBlock.duration, Self.most))
  }

  private var slots: [ReceivedSound?] = Array(repeating: nil, count: Self.capacity)
  private var count = 0
  private var generation: Int?
  private var estimator = DelayEstimator()
  /// The packet that is played next; nil while it is waited until the first may be.
  private var next: Int?
  /// The media time of the packet that is played next, as far as it is known.
  private var mediaTime: Int64 = 0
  private var lateInSequence = 0

  /// So that packets of 2.5 ms, the shortest (RFC 6716 section 2.1.4), can be held for longer than the largest delay.
  static let capacity = 128
  private static let least = TimeAmount.milliseconds(40)
  private static let most = TimeAmount.milliseconds(200)
  /// An hour, in nanoseconds.
  private static let longest: Int64 = 3_600_000_000_000
  /// What is made up after that is not taken for speech any more.
  private static let mostLate = 5
  /// The longest packet is of 120 ms (RFC 6716 section 3.2.5) in six frames of at most 1,275 bytes.
  private static let longestPacket = 6 * 1_276 + 8

  package init() {}

  /// The packets that are held.
  var packetCount: Int { slots.count { $0 != nil } }

  /// Whether the stream is being played.
  package var isPlaying: Bool { next != nil }

  package mutating func insert(_ packet: ReceivedSound) {
    guard packet.data.readableBytes > 0, packet.data.readableBytes <= Self.longestPacket else { return }
    if packet.generation != generation {
      startOver()
      estimator = DelayEstimator()
      generation = packet.generation
    }
    // What comes too late counts as well: the delay would never become long enough for it.
    estimator.add(Int64(packet.arrivalTime.uptimeNanoseconds) &- packet.mediaTime)
    if let next {
      guard packet.sequenceNumber >= next else { return counters.late += 1 }
      // So far ahead that nothing in between will be missed.
      if packet.sequenceNumber - next >= Self.capacity { startOver() }
    }
    if let other = slots[packet.sequenceNumber % Self.capacity] {
      guard other.sequenceNumber < packet.sequenceNumber else { return counters.duplicates += 1 }
      count -= 1
    }
    slots[packet.sequenceNumber % Self.capacity] = packet
    count += 1
  }

  /// How much the delay of what is played next exceeds the one that is aimed at; nil if nothing is played.
  ///
  /// - Parameter pending: the samples that were taken out before and are still to be played.
  package func excess(pending: Int, now: NIODeadline) -> TimeAmount? {
    guard next != nil, let base = estimator.base else { return nil }
    let position = mediaTime &- Int64(pending) * 1_000_000_000 / Int64(SoundBlock.sampleRate)
    let delay = Int64(now.uptimeNanoseconds) &- base &- position
    // A hostile sender's may be anything.
    return .nanoseconds(max(-Self.longest, min(delay, Self.longest))) - target
  }

  /// Whether the next two packets are there.
  package var hasTwo: Bool {
    guard let next else { return false }
    return packet(next) != nil && packet(next + 1) != nil
  }

  /// Takes out what is to be played at that time.
  ///
  /// - Parameter duration: of the packet before, in samples.
  package mutating func pop(after duration: Int, now: NIODeadline) -> Next {
    guard let number = next ?? start(now: now) else { return .none }
    if let packet = packet(number) {
      advance(after: packet)
      // A block may be played later than its time.
      lastDelay = max(.zero, now - packet.arrivalTime)
      return .packet(packet.data)
    }
    guard count > 0 else { return pause() }
    // Those that wait for this one have waited for long enough.
    counters.lost += 1
    next = number + 1
    mediaTime &+= Int64(duration) * 1_000_000_000 / Int64(SoundBlock.sampleRate)
    lateInSequence = 0
    let following = packet(number + 1)
    if following == nil, gap(from: number + 1) > Self.mostLate { startAtOldest() }
    return .lost(next: following?.data)
  }

  private mutating func advance(after packet: ReceivedSound) {
    slots[packet.sequenceNumber % Self.capacity] = nil
    count -= 1
    next = packet.sequenceNumber + 1
    mediaTime = packet.mediaTime
    if let following = self.packet(packet.sequenceNumber + 1) {
      mediaTime = following.mediaTime
    } else {
      mediaTime &+= SoundBlock.duration.nanoseconds
    }
    lateInSequence = 0
  }

  private mutating func pause() -> Next {
    lateInSequence += 1
    guard lateInSequence > Self.mostLate else { return .late }
    next = nil
    lateInSequence = 0
    return .none
  }

  /// The first packet that is there, if it has waited for long enough.
  private mutating func start(now: NIODeadline) -> Int? {
    guard let first = oldest, let base = estimator.base else { return nil }
    let waited = Int64(now.uptimeNanoseconds) &- base &- first.mediaTime
    guard waited >= target.nanoseconds else { return nil }
    next = first.sequenceNumber
    mediaTime = first.mediaTime
    return next
  }

  private mutating func startAtOldest() {
    guard let first = oldest else { return }
    next = first.sequenceNumber
    mediaTime = first.mediaTime
  }

  private mutating func startOver() {
    for index in slots.indices { slots[index] = nil }
    (count, next, lateInSequence) = (0, nil, 0)
  }

  private func packet(_ number: Int) -> ReceivedSound? {
    slots[number % Self.capacity].flatMap { $0.sequenceNumber == number ? $0 : nil }
  }

  private var oldest: ReceivedSound? {
    guard count > 0 else { return nil }
    return slots.lazy.compactMap { $0 }.min { $0.sequenceNumber < $1.sequenceNumber }
  }

  private func gap(from number: Int) -> Int {
    (oldest?.sequenceNumber ?? number) - number
  }
}
