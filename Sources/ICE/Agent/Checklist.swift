import NIOCore

/// The pairs of the one component, bounded, and those to be checked next (RFC 8445 sections 6.1.2 and 6.1.4).
struct Checklist: Sendable {
  /// "The default limit of candidate pairs for the checklist set is 100" (RFC 8445 section 6.1.2.5).
  static let maximumPairs = 100
  /// Transmissions of checks for each datagram of the peer on the pair. Whoever has the password can forge the source of
  /// a request, and with its response no more than three datagrams go there for one: the limit of QUIC for addresses that
  /// are not validated (RFC 9000 section 8.1).
  static let transmissionsForDatagram = 2

  private(set) var pairs: [CandidatePair] = []
  /// The latest of those that went, for statistics alone.
  private(set) var retired: [CandidatePair] = []
  /// The triggered-check queue: first in, first out.
  private(set) var triggered = CircularBuffer<Int>()
  private var nextID = 0
  private var lastCheckAt: NIODeadline?
  /// RFC 8863: until then an empty or failed checklist means nothing.
  private var patienceEnd: NIODeadline?

  func index(of id: Int) -> Int? { pairs.firstIndex { $0.id == id } }
  func index(of base: CandidateBase, _ remote: SocketAddress) -> Int? {
    pairs.firstIndex { $0.connects(base, remote) }
  }

  subscript(index: Int) -> CandidatePair {
    _read { yield pairs[index] }
    _modify { yield &pairs[index] }
  }

  /// Adds a pair that is not there yet; nil: the checklist is full of pairs with a better claim.
  ///
  /// - Parameter isWanted: the peer has just sent from there, so that another pair has to go, and what it sent decides how
  ///   often it is checked.
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

  /// The peer was heard of on this pair.
  mutating func earnTransmissions(_ id: Int) {
    guard let index = index(of: id) else { return }
    let earned = pairs[index].transmissionsLeft + Self.transmissionsForDatagram
    pairs[index].transmissionsLeft = min(earned, RetransmissionTimer.maximumTransmissions)
  }

  mutating func trigger(_ id: Int) {
    if !triggered.contains(id) { triggered.append(id) }
  }

  /// When the next check may go; nil: there is none.
  var checkDeadline: NIODeadline? {
    guard hasWork else { return nil }
    guard let lastCheckAt else { return .uptimeNanoseconds(0) }
    return lastCheckAt + (triggered.isEmpty ? ICEAgent.pacing : ICEAgent.minimumPacing)
  }

  /// The pair to check now: one a tick, triggered ones first (RFC 8445 section 6.1.4.2).
  mutating func takeNext(now: NIODeadline) -> Int? {
    while let due = checkDeadline, due <= now {
      let index = if let id = triggered.popFirst() { self.index(of: id) } else { nextWaiting }
      // A triggered pair may be gone.
      guard let index else { continue }
      lastCheckAt = now
      return index
    }
    return nil
  }

  /// Goes on at the pace of the generation before.
  mutating func keepPace(of other: Checklist) {
    lastCheckAt = other.lastCheckAt
  }

  mutating func startPatience(now: NIODeadline) {
    patienceEnd = now + ConnectivityCheck.lifetime
  }

  /// When the checklist has failed, as long as it has no pair to check.
  var failureDeadline: NIODeadline? { undecidedCount == 0 ? patienceEnd : nil }

  /// The ordinary check to perform next: "the highest-priority pair in the Waiting state".
  private var nextWaiting: Int? {
    pairs.indices.filter { pairs[$0].state == .waiting }.max { pairs[$0].priority < pairs[$1].priority }
  }

  var isFull: Bool { pairs.count >= Self.maximumPairs }
  private var hasWork: Bool { !triggered.isEmpty || pairs.contains { $0.state == .waiting } }
  var undecidedCount: Int { pairs.count(where: \.isUndecided) }

  /// Failed pairs go first, then the lowest of the largest group of one base and one kind of remote candidate: a
  /// peer with many addresses must not crowd out the relays, which may be the only way.
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
