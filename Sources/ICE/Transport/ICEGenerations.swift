import NIOCore

/// The agent of this ICE generation and, while a restart is under way, that of the one before (RFC 8445 section 9).
struct ICEGenerations: Sendable {
  /// Restarts of the peer's that are followed within a minute. Each costs checks, and a stanza for each candidate.
  static let maximumPeerRestarts = 8

  var current: ICEAgent
  private(set) var previous: ICEAgent?
  /// The number of the last generation that began, which a roll-back does not take back.
  private var latest: UInt32 = 0
  /// When the peer restarted lately.
  private var peerRestarts: [NIODeadline] = []
  /// The counts of the generations that have ended.
  private var ended = ICEAgentStatistics()

  init(_ agent: ICEAgent) {
    current = agent
  }

  var statistics: ICEAgentStatistics {
    var statistics = current.statistics
    if let previous { statistics.add(previous.statistics) }
    statistics.add(ended)
    return statistics
  }

  var selectedPair: CandidatePairDescription? {
    (current.hasNominatedPath ? nil : previous?.selectedPair) ?? current.selectedPair
  }

  /// "During the restart, data can continue to be sent using existing data sessions": on the pair of the generation
  /// before, while that works and no pair of this one is nominated.
  var path: (base: CandidateBase, remote: SocketAddress)? {
    guard let previous else { return current.selectedPath }
    if current.hasNominatedPath { return current.selectedPath }
    return (previous.isConnected ? previous.selectedPath : nil) ?? current.selectedPath ?? previous.selectedPath
  }

  /// The paths of both that data may go or come by.
  var pathsInUse: [(base: CandidateBase, remote: SocketAddress)] {
    current.pathsInUse + (previous?.pathsInUse ?? [])
  }

  var localCandidates: [ICEAgent.LocalCandidate] {
    current.localCandidates + (previous?.localCandidates ?? [])
  }

  func peers(on base: CandidateBase) -> [SocketAddress] {
    current.peers(on: base) + (previous?.peers(on: base) ?? [])
  }

  func accepts(dataFrom source: SocketAddress, on base: CandidateBase) -> Bool {
    current.accepts(dataFrom: source, on: base) || previous?.accepts(dataFrom: source, on: base) == true
  }

  // MARK: Candidates and checks

  mutating func addLocalCandidate(_ candidate: ICECandidate, base: CandidateBase, now: NIODeadline) {
    current.addLocalCandidate(candidate, base: base, now: now)
    previous?.addLocalCandidate(candidate, base: base, now: now)
  }

  /// A peer that has not answered our restart speaks of the generation before.
  mutating func addRemoteCandidate(_ candidate: ICECandidate, now: NIODeadline) {
    if current.credentials.remote == nil, previous != nil {
      previous?.addRemoteCandidate(candidate, now: now)
    } else {
      current.addRemoteCandidate(candidate, now: now)
    }
  }

  mutating func removeBase(_ base: CandidateBase, now: NIODeadline) {
    current.removeBase(base, now: now)
    previous?.removeBase(base, now: now)
  }

  mutating func refuse(_ peer: SocketAddress, on base: CandidateBase, now: NIODeadline) {
    current.refuse(peer, on: base, now: now)
    previous?.refuse(peer, on: base, now: now)
  }

  /// A STUN message of the peer's, for whichever generation it names.
  mutating func receive(
    _ datagram: ByteBuffer, from source: SocketAddress, on base: CandidateBase, now: NIODeadline
  ) {
    if let previous, let message = try? STUNMessage(parsing: datagram), previous.owns(message) {
      self.previous?.receive(datagram, from: source, on: base, now: now)
    } else {
      current.receive(datagram, from: source, on: base, now: now)
    }
  }

  var deadline: NIODeadline? { [current.deadline, previous?.deadline].lazy.compactMap { $0 }.min() }

  mutating func handleTimeout(now: NIODeadline) {
    current.handleTimeout(now: now)
    previous?.handleTimeout(now: now)
  }

  mutating func pollPreviousTransmit() -> ICEAgent.Datagram? { previous?.pollTransmit() }
  mutating func pollPreviousEvent() -> ICEAgent.Event? { previous?.pollEvent() }

  // MARK: Restarts

  /// Whether one more restart of the peer's is followed.
  mutating func admitPeerRestart(now: NIODeadline) -> Bool {
    peerRestarts.removeAll { now - $0 >= .minutes(1) }
    guard peerRestarts.count < Self.maximumPeerRestarts else { return false }
    peerRestarts.append(now)
    return true
  }

  /// Begins the next generation, with the local candidates of this one.
  mutating func begin(using generator: any RandomNumberGenerator & Sendable, now: NIODeadline) {
    let old = current
    latest += 1
    current = old.next(generation: latest, using: generator, now: now)
    // Of two restarts in a row the first may not have found a pair yet.
    if previous == nil || old.selectedPath != nil {
      endPrevious()
      previous = old
    } else {
      ended.add(old.statistics)
    }
    for local in old.localCandidates { current.addLocalCandidate(local.candidate, base: local.base, now: now) }
  }

  /// The peer's credentials in the generation that has begun, in which it is from now on.
  mutating func setRemoteParameters(_ parameters: ICEParameters, now: NIODeadline) {
    previous?.retire()
    current.setRemoteParameters(parameters, now: now)
  }

  mutating func endPrevious() {
    previous.map { ended.add($0.statistics) }
    previous = nil
  }

  /// Ends the generation before where it can carry nothing any longer.
  mutating func endLostPrevious() {
    if previous?.isRunning == false || current.credentials.remote != nil && previous?.selectedPath == nil {
      endPrevious()
    }
  }

  /// Nothing came of the restart, and the generation before still works; false: there is none.
  mutating func resumePrevious() -> Bool {
    guard let previous else { return false }
    ended.add(current.statistics)
    current = previous
    self.previous = nil
    return true
  }

  mutating func close() {
    current.close()
    endPrevious()
  }
}
