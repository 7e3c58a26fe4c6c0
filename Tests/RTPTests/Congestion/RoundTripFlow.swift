import NIOCore
import TestSupport

@testable import RTP

/// A simulated sender of video at 25 frames a second over a simulated link, and a receiver that answers probes and tells
/// nothing else.
struct RoundTripFlow {
  /// What was seen in each tenth of a second.
  struct Sample {
    var time: Double
    /// Bits per second that left the bottleneck.
    var rate: Double
    /// The longest time that a packet waited at the bottleneck.
    var wait: Double
    /// What was held by the sender, in seconds.
    var held: Double
    var probes: Int
  }

  private static let step = 0.001
  private static let frameInterval = 0.04

  var plan: [(from: Double, conditions: BottleneckLink.Conditions)]
  var ceiling: (Double) -> Double = { _ in 2_500e3 }
  /// The delay of an answer in seconds besides that of the path; nil where it is lost.
  var answerDelay: (_ number: Int, _ time: Double) -> Double? = { _, _ in 0 }
  private(set) var controller = RoundTripController(now: Self.deadline(0))
  private(set) var probes = 0

  init(_ conditions: BottleneckLink.Conditions) { plan = [(0, conditions)] }
  init(plan: [(from: Double, conditions: BottleneckLink.Conditions)]) { self.plan = plan }

  static func deadline(_ seconds: Double) -> NIODeadline { .uptimeNanoseconds(UInt64((seconds + 1_000) * 1e9)) }

  mutating func run(seconds: Double) -> [Sample] {
    var link = BottleneckLink(plan[0].conditions)
    var generator = SeededGenerator(seed: 3)
    var held: [(size: Int, isLast: Bool)] = []
    var answers: [(time: Double, number: Int)] = []
    var (nextFrame, excess, bytes, wait, formerProbes) = (0.0, 0.0, 0, 0.0, 0)
    var samples: [Sample] = []
    for tick in 0..<Int(seconds / Self.step) {
      let time = Double(tick) * Self.step
      let now = Self.deadline(time)
      if let phase = plan.last(where: { $0.from <= time }) { link.conditions = phase.conditions }
      while let arrival = link.receive(until: time) {
        bytes += arrival.packet.size
        wait = max(wait, arrival.wait)
        // Probes have numbers from zero, media has -1.
        if arrival.packet.number >= 0, let delay = answerDelay(arrival.packet.number, time) {
          answers.append((time + link.conditions.delay + delay, arrival.packet.number))
        }
      }
      while let answer = answers.firstIndex(where: { $0.time <= time }) {
        controller.receiveAnswer(to: answers.remove(at: answer).number, now: now)
      }
      if time >= nextFrame {
        nextFrame += Self.frameInterval
        let waiting = held.reduce(0) { $0 + $1.size }
        excess = 0.5 * excess + Double.random(in: -0.3...0.3, using: &generator)
        let target = min(controller.targetRate(held: waiting, now: now), ceiling(time))
        let size = Int(target * Self.frameInterval / 8 * (1 + excess))
        if Double(waiting) * 8 > controller.availableRate * 0.5 { held.removeAll() }
        let count = max(1, (size + 1_199) / 1_200)
        for index in 0..<count { held.append((max(60, size / count), index == count - 1)) }
      }
      while true {
        if let due = controller.nextProbeTime(hasMedia: !held.isEmpty), due <= now {
          let number = controller.probeSent(now: now)
          probes += 1
          _ = link.send(.init(flow: 0, number: number, size: RoundTripController.probeSize), at: time)
          continue
        }
        guard let packet = held.first, controller.nextSendTime <= now else { break }
        held.removeFirst()
        controller.sent(size: packet.size, now: now)
        if packet.isLast { controller.frameSent() }
        _ = link.send(.init(flow: 0, number: -1, size: packet.size), at: time)
      }
      if (tick + 1) % 100 == 0 {
        let waiting = Double(held.reduce(0) { $0 + $1.size }) * 8 / controller.availableRate
        samples.append(
          Sample(time: time, rate: Double(bytes) * 80, wait: wait, held: waiting, probes: probes - formerProbes))
        (bytes, wait, formerProbes) = (0, 0, probes)
      }
    }
    return samples
  }
}

extension [RoundTripFlow.Sample] {
  func between(_ start: Double, _ end: Double) -> [RoundTripFlow.Sample] {
    filter { $0.time >= start && $0.time < end }
  }

  var rate: Double { map(\.rate).reduce(0, +) / Double(Swift.max(1, count)) }

  /// The time in seconds that nineteen of twenty samples do not exceed.
  var wait95: Double {
    let sorted = map(\.wait).sorted()
    return sorted.isEmpty ? 0 : sorted[Swift.min(count - 1, count * 19 / 20)]
  }
}
