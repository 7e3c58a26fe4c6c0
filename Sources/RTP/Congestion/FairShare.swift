import NIOCore

/// The rate beside others that fill the queue of a bottleneck until it overflows, as TCP does: to wait for an empty
/// queue would be to yield all of it.
///
/// It grows with each round trip and falls with a loss, as TCP's does (RFC 5681 section 3.1). Since it falls by less than
/// half, it grows by less than a whole packet. By how much was tried against a simulated Cubic; the formula of RFC 9438
/// section 4.3 would give 0.33 for this decrease.
struct FairShare: Sendable {
  /// The length of a usual packet in bits.
  static let packetBits = 1_200.0 * 8
  private static let increase = 0.55
  private static let decrease = 0.8
  /// A delay that stays this much alike for so long without a loss is none of a queue.
  private static let steadyFor = TimeAmount.seconds(1)

  /// In bits per second.
  private(set) var rate: Double
  private var lastDecrease: NIODeadline?
  private var steadySince: NIODeadline
  private var waits = (least: Double.infinity, most: 0.0)

  enum Verdict {
    case shared, queueIsEmpty, pathIsLonger
  }

  init(rate: Double, now: NIODeadline) {
    self.rate = rate
    steadySince = now
  }

  /// The rate for what is encoded next, in bits per second: less where more than a fifth of a second is held.
  ///
  /// - Parameter bytes: what is encoded and not sent yet.
  func targetRate(held bytes: Int) -> Double {
    rate * max(0.3, min(1, 1.2 - Double(bytes) * 8 / rate))
  }

  /// - Parameters:
  ///   - losses: the packets that were lost since the last time.
  ///   - throughput: what arrives, in bits per second: a rate that is not used is not known to be ours.
  ///   - wait: the least time in seconds that a packet waited.
  ///   - elapsed: the time in seconds since the last time.
  mutating func update(
    losses: Int, throughput: Double, wait: Double, noise: Double, roundTrip: Double, elapsed: Double, now: NIODeadline
  ) -> Verdict {
    if throughput > rate / 2 {
      rate = min(
        rate + Self.increase * Self.packetBits / (roundTrip * roundTrip) * elapsed, Dispersion.rates.upperBound)
    }
    if losses > 0 {
      if lastDecrease.map({ (now - $0).seconds > roundTrip }) ?? true {
        rate *= Self.decrease
        lastDecrease = now
      }
      watchAnew(now)
    }
    waits = (min(waits.least, wait), max(waits.most, wait))
    if waits.most - waits.least > 0.01 + 4 * noise { watchAnew(now) }
    if wait < 0.015 + 2 * noise { return .queueIsEmpty }
    return now - steadySince > Self.steadyFor ? .pathIsLonger : .shared
  }

  private mutating func watchAnew(_ now: NIODeadline) {
    steadySince = now
    waits = (.infinity, 0)
  }
}
