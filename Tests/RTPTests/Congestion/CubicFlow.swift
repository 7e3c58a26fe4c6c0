/// A simulated download by TCP with Cubic (RFC 9438), which fills the bottleneck's queue until it overflows: congestion
/// avoidance, slow start, and one decrease a round trip; without time-outs.
struct CubicFlow {
  static let packetSize = 1_514
  private static let beta = 0.7
  private static let scaling = 0.4

  var active: Range<Double>
  /// The most packets under way.
  var limit = Double.infinity
  /// The most packets that have not arrived: Linux lets two wait before its own interface (TCP small queues), and knows
  /// of no other place in a link in user space.
  var unsentLimit = Int.max
  private var window = 10.0
  private var inFlight = 0
  private var threshold = Double.infinity
  private var maximum = 0.0
  private var epoch: Double?
  private var recoversUntil = 0.0
  private var roundTrip = 0.1
  private var number = 0
  private var answers: [(time: Double, sentAt: Double?)] = []
  private var sentAt: [Int: Double] = [:]

  init(active: Range<Double>, limit: Double = .infinity, unsentLimit: Int = .max) {
    self.active = active
    self.limit = limit
    self.unsentLimit = unsentLimit
  }

  mutating func send(at time: Double, on link: inout BottleneckLink, flow: Int) {
    answers.sort { $0.time < $1.time }
    while let answer = answers.first, answer.time <= time {
      answers.removeFirst()
      inFlight -= 1
      if let sentAt = answer.sentAt { acknowledged(sentAt: sentAt, time) } else { lost(time) }
    }
    guard active.contains(time) else { return }
    while Double(inFlight) < min(window, limit), sentAt.count < unsentLimit {
      inFlight += 1
      number += 1
      if link.send(.init(flow: flow, number: number, size: Self.packetSize), at: time) == .carried {
        sentAt[number] = time
      } else {
        answers.append((time + roundTrip, nil))
      }
    }
  }

  mutating func received(_ packet: BottleneckLink.Packet, at time: Double, delay: Double) {
    answers.append((time + delay, sentAt.removeValue(forKey: packet.number)))
  }

  private mutating func acknowledged(sentAt: Double, _ time: Double) {
    roundTrip += (time - sentAt - roundTrip) / 8
    guard window >= threshold else { return window += 1 }
    let start = epoch ?? time
    epoch = start
    maximum = max(maximum, window * (epoch == nil ? 1 : 0))
    let elapsed = time - start
    let period = cubeRoot(maximum * (1 - Self.beta) / Self.scaling)
    let offset = elapsed + roundTrip - period
    let cubic = Self.scaling * offset * offset * offset + maximum
    let friendly = maximum * Self.beta + 3 * (1 - Self.beta) / (1 + Self.beta) * elapsed / roundTrip
    if friendly > cubic { window = max(window, friendly) } else { window += max(0, cubic - window) / window }
  }

  private mutating func lost(_ time: Double) {
    guard time > recoversUntil else { return }
    maximum = window
    window = max(2, window * Self.beta)
    threshold = window
    epoch = nil
    recoversUntil = time + roundTrip
  }

  private func cubeRoot(_ value: Double) -> Double {
    var root = max(1, value / 3)
    for _ in 0..<40 { root -= (root * root * root - value) / (3 * root * root) }
    return root
  }
}
