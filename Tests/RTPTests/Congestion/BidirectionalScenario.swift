@testable import RTP

/// Two flows of which each sends over its own simulated link, and whose feedback goes over the other's, in virtual time.
struct BidirectionalScenario {
  private static let step = 0.001
  private static let sampling = 0.1
  /// The length of a feedback in bytes with all headers.
  private static let feedbackSize = 100

  var plans: [[(from: Double, conditions: BottleneckLink.Conditions)]]
  var media: [MediaFlow]

  /// - Returns: what was seen on each link.
  mutating func run(seconds: Double) -> [[CongestionScenario.Sample]] {
    var links = plans.enumerated().map { BottleneckLink($0.element[0].conditions, seed: UInt64($0.offset) + 1) }
    var reports: [[TransportWideFeedback]] = [[], []]
    var samples: [[CongestionScenario.Sample]] = [[], []]
    var bytes = [0, 0]
    var waits = [0.0, 0.0]
    for tick in 0..<Int(seconds / Self.step) {
      let time = Double(tick) * Self.step
      for direction in 0...1 {
        if let phase = plans[direction].last(where: { $0.from <= time }) {
          links[direction].conditions = phase.conditions
        }
        while let arrival = links[direction].receive(until: time) {
          bytes[direction] += arrival.packet.size
          waits[direction] = max(waits[direction], arrival.wait)
          if arrival.packet.flow == 0 {
            media[direction].received(arrival.packet, at: time)
          } else {
            media[1 - direction].told(reports[direction][arrival.packet.number], at: time)
          }
        }
        if let report = media[direction].report(at: time) {
          reports[1 - direction].append(report)
          let number = reports[1 - direction].count - 1
          _ = links[1 - direction].send(.init(flow: 1, number: number, size: Self.feedbackSize), at: time)
        }
        media[direction].send(at: time, on: &links[direction], flow: 0)
        guard (tick + 1) % Int(Self.sampling / Self.step) == 0 else { continue }
        samples[direction].append(
          .init(
            time: time, capacity: links[direction].conditions.rate,
            rates: [Double(bytes[direction]) * 8 / Self.sampling], wait: waits[direction]))
        bytes[direction] = 0
        waits[direction] = 0
      }
    }
    return samples
  }
}
