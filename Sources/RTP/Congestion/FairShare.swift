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
  /// A delay that stays alike for so long may be none of a queue; a path without one may lose packets as well. Then this part
  /// of the rate is sent for as long again: a queue becomes shorter.
  private static let steadyFor = TimeAmount.seconds(1)
  private static let trialShare = 0.5
  /// The same after a trial that has shown a queue: near its former maximum Cubic keeps its window for seconds (RFC 9438
  /// section 4.2).
  private static let steadyForAgain = TimeAmount.seconds(4)

  /// In bits per second.
  private(set) var rate: Double
  private var lastDecrease: NIODeadline?
  private var steadySince: NIODeadline
  private var steady = SteadyDelay()
  private var patience = Self.steadyFor
  /// What arrived when a trial began, in bits per second; nil if there is none.
  private var trialFrom: Double?

  enum Verdict {
    case shared, queueIsEmpty, pathIsLonger
  }

  init(rate: Double, now: NIODeadline) {
    self.rate = Dispersion.possible(rate)
    steadySince = now
  }

  /// The rate for what is encoded next, in bits per second: less where more than a fifth of a second is held.
  ///
  /// - Parameter bytes: what is encoded and not sent yet.
  func targetRate(held bytes: Int) -> Double {
    sentRate * max(0.3, min(1, 1.2 - Double(bytes) * 8 / rate))
  }

  /// The rate at which packets of a frame follow each other, in bits per second.
  var pace: Double { sentRate * 1.5 }

  private var sentRate: Double { trialFrom.map { Dispersion.possible(min(rate, $0) * Self.trialShare) } ?? rate }

  /// - Parameters:
  ///   - capacity: what the bottleneck carries of all, in bits per second.
  ///   - elapsed: the time in seconds since the last time.
  mutating func update(_ path: Competition.Path, capacity: Double, elapsed: Double, now: NIODeadline) -> Verdict {
    // A rate that is not used is not known to be ours.
    if path.throughput > rate / 2 {
      rate = Dispersion.possible(rate + Self.increase * Self.packetBits / (path.roundTrip * path.roundTrip) * elapsed)
    }
    if path.losses > 0 {
      steady.lossSeen(now: now)
      if lastDecrease.map({ (now - $0).seconds > path.roundTrip }) ?? true {
        rate = Dispersion.possible(rate * Self.decrease)
        lastDecrease = now
      }
    }
    if path.delay < 0.015 + 2 * path.noise { return .queueIsEmpty }
    if steady.add(path, capacity: capacity, now: now) { return .pathIsLonger }
    if steady.since == now { queueWasSeen(now) }
    guard now - steadySince > patience else { return .shared }
    steadySince = now
    if let trialFrom {
      if SteadyDelay.isVisible(trialFrom - path.throughput, on: path, capacity: capacity) { return .pathIsLonger }
      queueWasSeen(now)
    } else if SteadyDelay.isVisible(path.throughput * (1 - Self.trialShare), on: path, capacity: capacity) {
      trialFrom = path.throughput
      patience = Self.steadyFor
    }
    return .shared
  }

  private mutating func queueWasSeen(_ now: NIODeadline) {
    if trialFrom != nil { patience = Self.steadyForAgain }
    trialFrom = nil
    steadySince = now
  }
}
