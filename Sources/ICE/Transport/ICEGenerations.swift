import NIOCore

/// The agent of the current ICE generation and, during a restart, that of the previous one (RFC 8445 section 9).
struct ICEGenerations: Sendable {
  /// The most restarts of the peer that are followed within a minute. Each costs checks, and a stanza for each
  /// candidate.
  static let maximumPeerRestarts = 8

  var current: ICEAgent
  private(set) var previous: ICEAgent?
  /// The number of the latest generation, which is not reused after a rollback.
  private var latest: UInt32 = 0
  /// The times of the peer's restarts within the last minute.
  private var peerRestarts: [NIODeadline] = []
  /// The counters of the generations that have ended.
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

  /// The path on which data is sent. "During the restart, data can continue to be sent using existing data sessions":
  /// the selected pair of the previous generation is used while it works and no pair of the current one is nominated.
  var path: (base: CandidateBase, remote: SocketAddress)? {
    guard let previous else { return current.selectedPath }
    if current.hasNominatedPath { return current.selectedPath }
    return (previous.isConnected ? previous.selectedPath : nil) ?? current.selectedPath ?? previous.selectedPath
  }

  /// Measures the round-trip time of the path on which data is sent.
  mutating func measureRoundTrip(_ number: Int, now: NIODeadline) {
    if !current.hasNominatedPath, previous?.isConnected == true, previous?.selectedPath != nil {
      previous?.measureRoundTrip(number, now: now)
    } else {
      current.measureRoundTrip(number, now: now)
    }
  }

  /// The paths of both generations on which data may be sent or received.
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

  /// Adds a candidate of the peer, to the previous generation if the peer has not answered our restart yet.
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

  /// Passes a STUN message to the generation to which it belongs.
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

  /// Returns whether another restart of the peer is followed, and counts it.
  mutating func admitPeerRestart(now: NIODeadline) -> Bool {
    peerRestarts.removeAll { now - $0 >= .minutes(1) }
    guard peerRestarts.count < Self.maximumPeerRestarts else { return false }
    peerRestarts.append(now)
    return true
  }

  /// Begins the next generation with the local candidates of the current one.
  mutating func begin(using generator: any RandomNumberGenerator & Sendable, now: NIODeadline) {
    let old = current
    latest += 1
    current = old.next(generation: latest, using: generator, now: now)
    // A generation without a selected pair, restarted once more, is not kept.
    if previous == nil || old.selectedPath != nil {
      endPrevious()
      previous = old
    } else {
      ended.add(old.statistics)
    }
    for local in old.localCandidates { current.addLocalCandidate(local.candidate, base: local.base, now: now) }
  }

  /// Sets the peer's credentials in the current generation, whereby the peer has left the previous one.
  mutating func setRemoteParameters(_ parameters: ICEParameters, now: NIODeadline) {
    previous?.retire()
    current.setRemoteParameters(parameters, now: now)
  }

  mutating func endPrevious() {
    previous.map { ended.add($0.statistics) }
    previous = nil
  }

  /// Ends the previous generation if it can no longer carry data.
  mutating func endLostPrevious() {
    if previous?.isRunning == false || current.credentials.remote != nil && previous?.selectedPath == nil {
      endPrevious()
    }
  }

  /// Returns to the previous generation after a failed restart; returns false if there is none.
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
