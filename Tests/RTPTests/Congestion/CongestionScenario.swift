@testable import RTP

/// Flows that share a simulated link, in virtual time; some may cross a further one.
struct CongestionScenario {
  /// What was seen in each tenth of a second.
  struct Sample {
    var time: Double
    var capacity: Double
    /// Bits per second that arrived, by flow.
    var rates: [Double]
    /// The longest time that a packet waited at the bottleneck.
    var wait: Double
  }

  /// The time between two moments at which something is sent or received, in seconds.
  var step = 0.001
  private static let sampling = 0.1

  var plan: [(from: Double, conditions: BottleneckLink.Conditions)]
  var media: [MediaFlow]
  var downloads: [CubicFlow] = []
  /// The second bottleneck on the way of some flows of media, and the way of each: the links that it crosses, 0 or 1.
  var further: (conditions: BottleneckLink.Conditions, routes: [[Int]])?
  var seed: UInt64 = 1

  init(_ conditions: BottleneckLink.Conditions, media: [MediaFlow] = [MediaFlow()]) {
    plan = [(0, conditions)]
    self.media = media
  }

  init(plan: [(from: Double, conditions: BottleneckLink.Conditions)], media: [MediaFlow] = [MediaFlow()]) {
    self.plan = plan
    self.media = media
  }

  mutating func run(seconds: Double) -> [Sample] {
    var links = [BottleneckLink(plan[0].conditions, seed: seed)]
    if let further { links.append(BottleneckLink(further.conditions, seed: seed + 1)) }
    var samples: [Sample] = []
    var bytes = Array(repeating: 0, count: media.count + downloads.count)
    var wait = 0.0
    for tick in 0..<Int(seconds / step) {
      let time = Double(tick) * step
      if let phase = plan.last(where: { $0.from <= time }) { links[0].conditions = phase.conditions }
      let delay = links[0].conditions.delay
      for index in links.indices {
        while let arrival = links[index].receive(until: time) {
          let flow = arrival.packet.flow
          wait = max(wait, arrival.wait)
          if let next = link(after: index, of: flow) {
            _ = links[next].send(arrival.packet, at: time)
            continue
          }
          bytes[flow] += arrival.packet.size
          if flow < media.count {
            media[flow].received(arrival.packet, at: time)
          } else {
            downloads[flow - media.count].received(arrival.packet, at: time, delay: delay)
          }
        }
      }
      for flow in media.indices {
        if let feedback = media[flow].report(at: time) { media[flow].told(feedback, at: time + delay) }
        media[flow].send(at: time, on: &links[further?.routes[flow].first ?? 0], flow: flow)
      }
      for flow in downloads.indices { downloads[flow].send(at: time, on: &links[0], flow: media.count + flow) }
      if (tick + 1) % Int(Self.sampling / step) == 0 {
        samples.append(
          Sample(
            time: time, capacity: links[0].conditions.rate, rates: bytes.map { Double($0) * 8 / Self.sampling },
            wait: wait)
        )
        bytes = bytes.map { _ in 0 }
        wait = 0
      }
    }
    return samples
  }

  private func link(after index: Int, of flow: Int) -> Int? {
    index == 0 && further?.routes[flow] == [0, 1] ? 1 : nil
  }
}

extension [CongestionScenario.Sample] {
  func between(_ start: Double, _ end: Double) -> [CongestionScenario.Sample] {
    filter { $0.time >= start && $0.time < end }
  }

  /// The mean bitrate of a flow.
  func rate(ofFlow flow: Int = 0) -> Double {
    map { $0.rates[flow] }.reduce(0, +) / Double(Swift.max(1, count))
  }

  /// The part of the capacity that all flows use.
  var use: Double {
    map { $0.rates.reduce(0, +) }.reduce(0, +) / Swift.max(1, map(\.capacity).reduce(0, +))
  }

  /// The time in seconds that nineteen of twenty samples do not exceed.
  var wait95: Double {
    let sorted = map(\.wait).sorted()
    return sorted.isEmpty ? 0 : sorted[Swift.min(count - 1, count * 19 / 20)]
  }

  /// The time from which on a flow has this rate over two seconds.
  func time(untilRate rate: Double, from start: Double, flow: Int = 0) -> Double? {
    let rest = between(start, .infinity)
    return rest.first { sample in
      rest.between(sample.time, sample.time + 2).rate(ofFlow: flow) >= rate
    }.map { $0.time - start }
  }
}
