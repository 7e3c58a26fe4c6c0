import NIOCore

/// The candidate pairs of the component and the order in which they are checked (RFC 8445 sections 6.1.2 and 6.1.4);
/// their number is bounded.
struct Checklist: Sendable {
  /// "The default limit of candidate pairs for the checklist set is 100" (RFC 8445 section 6.1.2.5).
  static let maximumPairs = 100
  /// The transmissions of checks that each datagram of the peer on a pair allows. Whoever knows the password can forge
  /// the source of a request. With the response to it, no more than three datagrams are then sent there for one: the
  /// limit of QUIC for addresses that are not validated (RFC 9000 section 8.1).
  static let transmissionsForDatagram = 2

  private(set) var pairs: [CandidatePair] = []
  /// The pairs that were removed last, which are kept for statistics alone.
  private(set) var retired: [CandidatePair] = []
  /// The identifiers of the pairs in the triggered-check queue, first in, first out (RFC 8445 section 6.1.4.1).
  private(set) var triggered = CircularBuffer<Int>()
  private var nextID = 0
  private var lastCheckAt: NIODeadline?
  /// Until this time an empty or failed checklist does not fail the agent (RFC 8863 section 4).
  private var patienceEnd: NIODeadline?

  func index(of id: Int) -> Int? { pairs.firstIndex { $0.id == id } }
  func index(of base: CandidateBase, _ remote: SocketAddress) -> Int? {
    pairs.firstIndex { $0.connects(base, remote) }
  }

  subscript(index: Int) -> CandidatePair {
    _read { yield pairs[index] }
    _modify { yield &pairs[index] }
  }

  /// Adds a pair, which must be new, and returns its index; nil if the checklist is full of pairs that are preferred to
  /// it.
  ///
  /// - Parameter isWanted: the peer has just sent from the remote address, so that another pair is evicted if need be,
  ///   and the peer's datagrams determine how often the pair may be checked.
  mutating func add(
    _ base: CandidateBase, _ local: ICECandidate, _ remote: ICECandidate, priority: UInt64, isWanted: Bool = false
  ) -> Int? {
    let id = nextID
    nextID += 1
    pairs.append(
      CandidatePair(
        id: id, base: base, local: local, remote: remote, priority: priority,
        transmissionsLeft: isWanted ? 0 : RetransmissionTimer.maximumTransmissions))
    if pairs.count > Self.maximumPairs { evict(sparing: isWanted ? id : nil) }
    return index(of: id)
  }

  mutating func removeAll(where shouldRemove: (CandidatePair) -> Bool) {
    retired = (retired + pairs.filter(shouldRemove)).suffix(Self.maximumPairs)
    pairs.removeAll(where: shouldRemove)
    triggered.removeAll { id in !pairs.contains { $0.id == id } }
  }

  /// Allows further checks of a pair on which the peer was heard from.
  mutating func earnTransmissions(_ id: Int) {
    guard let index = index(of: id) else { return }
    let earned = pairs[index].transmissionsLeft + Self.transmissionsForDatagram
    pairs[index].transmissionsLeft = min(earned, RetransmissionTimer.maximumTransmissions)
  }

  /// Puts a pair in the triggered-check queue, unless it is there already.
  mutating func trigger(_ id: Int) {
    if !triggered.contains(id) { triggered.append(id) }
  }

  /// When the next check is due; nil where there is no pair to check.
  var checkDeadline: NIODeadline? {
    guard hasWork else { return nil }
    guard let lastCheckAt else { return .uptimeNanoseconds(0) }
    return lastCheckAt + (triggered.isEmpty ? ICEAgent.pacing : ICEAgent.minimumPacing)
  }

  /// Returns the index of the pair to check now, one per interval and triggered ones first (RFC 8445 section 6.1.4.2).
  mutating func takeNext(now: NIODeadline) -> Int? {
    while let due = checkDeadline, due <= now {
      let index = if let id = triggered.popFirst() { self.index(of: id) } else { nextWaiting }
      // A triggered pair may have been removed.
      guard let index else { continue }
      lastCheckAt = now
      return index
    }
    return nil
  }

  /// Continues the pacing of the previous generation.
  mutating func keepPace(of other: Checklist) {
    lastCheckAt = other.lastCheckAt
  }

  mutating func startPatience(now: NIODeadline) {
    patienceEnd = now + ConnectivityCheck.lifetime
  }

  /// When the checklist fails, provided that there is no pair to check until then.
  var failureDeadline: NIODeadline? { undecidedCount == 0 ? patienceEnd : nil }

  /// The index of the pair for the next ordinary check: "the highest-priority pair in the Waiting state" (RFC 8445
  /// section 6.1.4.2).
  private var nextWaiting: Int? {
    pairs.indices.filter { pairs[$0].state == .waiting }.max { pairs[$0].priority < pairs[$1].priority }
  }

  var isFull: Bool { pairs.count >= Self.maximumPairs }
  private var hasWork: Bool { !triggered.isEmpty || pairs.contains { $0.state == .waiting } }
  var undecidedCount: Int { pairs.count(where: \.isUndecided) }

  /// Removes a failed pair or, where there is none, the pair with the lowest priority in the largest group of one base
  /// and one type of remote candidate. A peer with many addresses must not displace the relays, which may be the only
  /// path.
  private mutating func evict(sparing id: Int?) {
    let candidates = pairs.indices.filter {
      pairs[$0].state != .succeeded && pairs[$0].id != id && !triggered.contains(pairs[$0].id)
    }
    let groups = Dictionary(grouping: candidates) { Group(base: pairs[$0].base, kind: pairs[$0].remote.kind) }
    let victim = candidates.min { lhs, rhs in
      let (left, right) = (pairs[lhs], pairs[rhs])
      if (left.state == .failed) != (right.state == .failed) { return left.state == .failed }
      let leftSize = groups[Group(base: left.base, kind: left.remote.kind)]?.count ?? 0
      let rightSize = groups[Group(base: right.base, kind: right.remote.kind)]?.count ?? 0
      return leftSize != rightSize ? leftSize > rightSize : left.priority < right.priority
    }
    if let victim { pairs.remove(at: victim) } else { pairs.removeLast() }
  }

  private struct Group: Hashable {
    let base: CandidateBase
    let kind: ICECandidate.Kind
  }
}
