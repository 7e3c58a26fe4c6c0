import NIOCore
import TestSupport

/// A simulated path: losses, then a bottleneck with a queue that drops what does not fit, then a delay with jitter that
/// keeps the order. Times are in seconds, rates in bits per second.
struct BottleneckLink {
  struct Conditions {
    /// 0: without a limit.
    var rate = 0.0
    /// The longest time that a packet may wait.
    var queue = 0.2
    var delay = 0.02
    /// The scale of a half-normal distribution.
    var jitter = 0.0
    var loss = 0.0
    /// The mean length of a run of losses.
    var burst = 1.0
  }

  struct Packet {
    var flow: Int
    var number: Int
    var size: Int
  }

  struct Arrival {
    var packet: Packet
    var wait: Double
  }

  enum Fate {
    case carried, dropped
  }

  var conditions: Conditions
  private var generator: SeededGenerator
  private var busyUntil = 0.0
  private var lastArrival = 0.0
  private var isInLoss = false
  private var underWay: [(time: Double, arrival: Arrival)] = []
  private var first = 0

  init(_ conditions: Conditions, seed: UInt64 = 1) {
    self.conditions = conditions
    generator = SeededGenerator(seed: seed)
  }

  /// - Returns: dropped where the packet is lost or the queue is full.
  mutating func send(_ packet: Packet, at time: Double) -> Fate {
    if isLost() { return .dropped }
    var left = max(busyUntil, time)
    if conditions.rate > 0 {
      left += Double(packet.size) * 8 / conditions.rate
      if left - time > conditions.queue { return .dropped }
      busyUntil = left
    }
    lastArrival = max(lastArrival, left + conditions.delay + conditions.jitter * halfNormal())
    underWay.append((lastArrival, Arrival(packet: packet, wait: left - time)))
    return .carried
  }

  mutating func receive(until time: Double) -> Arrival? {
    guard first < underWay.count, underWay[first].time <= time else { return nil }
    defer {
      first += 1
      if first > 1_000 {
        underWay.removeFirst(first)
        first = 0
      }
    }
    return underWay[first].arrival
  }

  private mutating func isLost() -> Bool {
    guard conditions.loss > 0 else { return false }
    let chance = Double.random(in: 0..<1, using: &generator)
    if conditions.burst <= 1 {
      isInLoss = chance < conditions.loss
    } else if isInLoss {
      isInLoss = chance >= 1 / conditions.burst
    } else {
      isInLoss = chance < conditions.loss / ((1 - conditions.loss) * conditions.burst)
    }
    return isInLoss
  }

  private mutating func halfNormal() -> Double {
    guard conditions.jitter > 0 else { return 0 }
    let sum = (0..<3).reduce(0.0) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
    return abs(sum - 1.5) / 0.5
  }
}
