import NIOCore

/// Whether others fill the queue of the bottleneck (``StandingQueue``), and what is sent beside them (``FairShare``).
struct Competition: Sendable {
  /// The part of the usual rate from which on others have taken none of it.
  private static let heldCapacity = 0.5

  /// What is known of a path at one moment.
  struct Path {
    /// The capacity, and what arrives, in bits per second.
    var rate: Double
    var throughput: Double
    /// The time in seconds by which packets are later than on the empty path, and by how much arrivals scatter.
    var delay: Double
    var noise: Double
    /// Whether more waits than our own bursts.
    var isQueued: Bool
    /// Of a packet of which no wait was expected; nil if there was no such packet.
    var unexpected: Lateness?
    /// In seconds, with what waits.
    var roundTrip: Double
    /// How many packets were lost since the last time.
    var losses: Int
  }

  enum Change {
    /// There is no queue: the path has become longer.
    case pathIsLonger
    /// The others have gone, and this rate was ours in bits per second.
    case ended(rate: Double)
  }

  private var standing = StandingQueue()
  private(set) var share: FairShare?
  /// The capacity of the last seconds in bits per second, of which a share is taken when others come.
  private var usualRate = 0.0

  /// - Parameter elapsed: the time in seconds since the last time.
  mutating func update(_ path: Path, elapsed: Double, now: NIODeadline) -> Change? {
    share == nil ? lookForOthers(path, elapsed: elapsed, now: now) : takeShare(path, elapsed: elapsed, now: now)
  }

  private mutating func lookForOthers(_ path: Path, elapsed: Double, now: NIODeadline) -> Change? {
    if usualRate == 0 {
      usualRate = path.rate
    } else if !path.isQueued {
      usualRate += (path.rate - usualRate) * min(1, elapsed / (usualRate < path.rate ? 0.5 : 4))
    }
    guard let unexpected = path.unexpected else { return nil }
    // The time that the bottleneck takes for a packet, as far as it is known.
    let packetTime = min(0.02, FairShare.packetBits / max(path.rate, usualRate))
    let capacityHolds = path.rate > Self.heldCapacity * usualRate
    switch standing.add(
      unexpected, noise: path.noise, capacityHolds: capacityHolds, packetTime: packetTime, now: now)
    {
    case .competition:
      // What has waited elsewhere may arrive faster than the bottleneck carries it.
      let throughput = min(path.throughput, 2 * max(path.rate, usualRate))
      share = FairShare(rate: max(throughput, usualRate / 2), now: now)
      return nil
    case .longerPath: return .pathIsLonger
    case nil: return nil
    }
  }

  private mutating func takeShare(_ path: Path, elapsed: Double, now: NIODeadline) -> Change? {
    guard var share else { return nil }
    let verdict = share.update(path, capacity: max(usualRate, path.rate), elapsed: elapsed, now: now)
    self.share = verdict == .shared ? share : nil
    switch verdict {
    case .queueIsEmpty: return .ended(rate: share.rate)
    case .pathIsLonger: return .pathIsLonger
    case .shared: return nil
    }
  }
}
