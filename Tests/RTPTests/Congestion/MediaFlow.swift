import NIOCore
import TestSupport

@testable import RTP

/// A simulated sender of video at 25 frames a second, whose frames have the sizes that the controller asks for, give or
/// take a third, and a receiver that answers with transport-wide feedback.
struct MediaFlow {
  private static let frameInterval = 0.04
  private static let packetSize = 1_200

  var ceiling = 2_500e3
  /// The times between which it shows a still scene, and what that takes in bits per second.
  var stillness = 0.0..<0.0
  var stillRate = 60e3
  /// What it has sent as probes, in bytes.
  private(set) var probeBytes = 0
  /// What its own path is longer each way than the link that it shares, in seconds. Clocks are not compared, so that
  /// it makes no difference where the delay is: it is added to that of the feedback.
  var furtherDelay = 0.0
  /// What its encoder makes of the target.
  var yield = 1.0
  var feedbackInterval = 0.1
  /// The times between which it sends, without those of its pause.
  var active = 0.0..<Double.infinity
  var pause = 0.0..<0.0
  /// When its packets take another path, of which the controller is told.
  var pathChange = Double.infinity
  /// When its receiver ceases to tell of what arrives.
  var feedbackEnd = Double.infinity

  private(set) var controller: CongestionController
  private var received = 0
  private var generator: SeededGenerator
  private var nextFrame: Double
  private var excess = 0.0
  private var held: [(size: Int, isProbe: Bool)] = []
  private var nextNumber = 0
  private var highestReceived = -1
  private var feedbackBase = 0
  private var arrivals: [TransportWideFeedback.Arrival] = []
  private var nextFeedback = 0.0
  private var feedbacks: [(time: Double, feedback: TransportWideFeedback)] = []

  init(seed: UInt64 = 1, start: Double = 0) {
    controller = CongestionController(now: Self.deadline(start))
    generator = SeededGenerator(seed: seed)
    nextFrame = start
  }

  static func deadline(_ seconds: Double) -> NIODeadline {
    .uptimeNanoseconds(UInt64((seconds + 1_000) * 1e9))
  }

  mutating func send(at time: Double, on link: inout BottleneckLink, flow: Int) {
    let now = Self.deadline(time)
    while let next = feedbacks.first, next.time <= time {
      controller.receive(feedbacks.removeFirst().feedback, now: now)
    }
    if time >= pathChange {
      controller.pathChanged(rate: CongestionController.initialRate, now: now)
      pathChange = .infinity
    }
    if active.contains(time), !pause.contains(time), time >= nextFrame {
      nextFrame = max(nextFrame, time - Self.frameInterval) + Self.frameInterval
      encode(now, isStill: stillness.contains(time))
    }
    while let (size, isProbe) = held.first, controller.nextSendTime <= now {
      held.removeFirst()
      controller.sent(UInt16(truncatingIfNeeded: nextNumber), size: size, isProbe: isProbe, now: now)
      if isProbe { probeBytes += size }
      _ = link.send(.init(flow: flow, number: nextNumber, size: size), at: time)
      nextNumber += 1
    }
  }

  /// The share of its packets that were lost.
  var lostShare: Double { 1 - Double(received) / Double(max(1, nextNumber)) }

  private mutating func encode(_ now: NIODeadline, isStill: Bool) {
    let held = held.reduce(0) { $0 + $1.size }
    let target = min(controller.targetRate(held: held, now: now), isStill ? stillRate : ceiling)
    excess = 0.5 * excess + Double.random(in: -0.3...0.3, using: &generator)
    let size = Int(yield * target * Self.frameInterval / 8 * (1 + excess))
    // As the pacer does with frames that would come too late.
    if Double(held) * 8 > controller.availableRate * 0.25 { self.held.removeAll() }
    let count = max(1, (size + Self.packetSize - 1) / Self.packetSize)
    for _ in 0..<count { self.held.append((max(60, size / count), false)) }
    for _ in 0..<controller.takeProbe(now: now) / Self.packetSize { self.held.append((Self.packetSize, true)) }
  }

  mutating func received(_ packet: BottleneckLink.Packet, at time: Double) {
    received += 1
    highestReceived = max(highestReceived, packet.number)
    let ticks = Int64(time * 4_000)
    arrivals.append(
      .init(
        sequenceNumber: UInt16(truncatingIfNeeded: packet.number), time: .nanoseconds(ticks * 250_000 + 77_000_000)))
  }

  /// What its receiver tells at this time, if anything.
  mutating func report(at time: Double) -> TransportWideFeedback? {
    guard time >= nextFeedback, time < feedbackEnd else { return nil }
    nextFeedback = time + feedbackInterval
    guard !arrivals.isEmpty else { return nil }
    let count = highestReceived + 1 - feedbackBase
    let feedback = TransportWideFeedback(
      senderSSRC: 1, mediaSSRC: 2, feedbackCount: 0,
      baseSequenceNumber: UInt16(truncatingIfNeeded: feedbackBase), packetStatusCount: count, arrivals: arrivals)
    feedbackBase = highestReceived + 1
    arrivals.removeAll(keepingCapacity: true)
    return feedback
  }

  /// - Parameter time: when the sender gets it.
  mutating func told(_ feedback: TransportWideFeedback, at time: Double) {
    feedbacks.append((time + 2 * furtherDelay, feedback))
  }
}
