import NIOCore

/// A full ICE agent for one component (RFC 8445), with trickle (RFC 8838), patience (RFC 8863) and consent
/// freshness (RFC 7675).
///
/// It deals with bases instead of sockets: ``ICETransport`` passes its datagrams to the network and to allocations.
/// Data may be sent as soon as a pair is valid (RFC 8445 section 12.1.1), on the best one until a pair is nominated.
package struct ICEAgent: Sendable {
  package enum Event: Hashable, Sendable {
    case stateChange(ICETransportState)
    case selectedPairChange(CandidatePairDescription)
    /// Only the selected pair and its base are needed from now on.
    case concluded
    /// The selected pair is lost, and all candidates are used again.
    case reopened
    /// The measurement with this number was answered.
    case roundTripMeasured(Int)
  }

  /// A STUN message to be sent to the peer.
  package struct Datagram: Hashable, Sendable {
    package var base: CandidateBase
    package var remote: SocketAddress
    package var payload: ByteBuffer
  }

  struct LocalCandidate: Sendable {
    let base: CandidateBase
    let candidate: ICECandidate

    /// Whether the candidate is the address of its base itself, and therefore forms pairs.
    var isBase: Bool { candidate.kind == .host || candidate.kind == .relayed }
  }

  /// "ICE agents SHOULD use a default Ta value, 50 ms" (RFC 8445 section 14.2).
  static let pacing = TimeAmount.milliseconds(50)
  /// "MUST NOT be sent more often than once every 5 ms" (RFC 8445 section 14.2). This applies to triggered checks,
  /// whose rate the pacing of the peer limits.
  static let minimumPacing = TimeAmount.milliseconds(5)
  /// The most candidates that are accepted from the signalling, more than any client was observed to send; the rest are
  /// ignored.
  static let maximumSignalledCandidates = 200
  /// The most remote candidates in total, peer-reflexive ones included.
  static let maximumRemoteCandidates = 256
  /// The most checks that are remembered: one per pair, and as many cancelled ones that may still be answered. A peer
  /// can cause one every 5 ms.
  static let maximumChecks = 2 * Checklist.maximumPairs
  /// "an integer between 1 and 2**31 - 1" (RFC 8445 section 5.1.2).
  static let maximumPriority: UInt32 = 1 << 31 - 1

  package private(set) var state = ICETransportState.new
  package internal(set) var statistics = ICEAgentStatistics()

  var generator: any RandomNumberGenerator & Sendable
  var claim: ICERoleClaim
  var credentials: ICECredentials
  var candidates = CandidateTable()
  var checklist = Checklist()
  /// The checks that await a response. It is an array, so that every run of a test takes the same course.
  var checks: [ConnectivityCheck] = []
  var nomination = Nomination()
  var selection = PairSelection()
  var consent = ConsentTimer()

  private var outgoing = CircularBuffer<Datagram>()
  private var events = CircularBuffer<Event>()

  package init(role: ICERole, generation: UInt32 = 0, generator: any RandomNumberGenerator & Sendable) {
    self.generator = generator
    claim = ICERoleClaim(role, using: &self.generator)
    credentials = ICECredentials(generation: generation, local: ICEParameters(using: &self.generator))
  }

  package var role: ICERole { claim.role }
  package var localParameters: ICEParameters { credentials.local }
  var localCandidates: [LocalCandidate] { candidates.local }
  var remoteCandidates: [ICECandidate] { candidates.remote }

  package mutating func pollTransmit() -> Datagram? { outgoing.popFirst() }
  package mutating func pollEvent() -> Event? { events.popFirst() }
  mutating func announce(_ event: Event) { events.append(event) }

  /// Whether the agent has work to do; a failed or closed one does not.
  var isRunning: Bool { state != .failed && state != .closed }

  package mutating func setRemoteParameters(_ parameters: ICEParameters, now: NIODeadline) {
    guard isRunning, credentials.remote == nil else { return }
    credentials.setRemote(parameters)
    checklist.startPatience(now: now)
    handleTimeout(now: now)
  }

  /// Stops the agent: it neither sends nor answers any longer.
  package mutating func close() {
    stop()
    setState(.closed)
  }

  mutating func fail() {
    stop()
    setState(.failed)
  }

  private mutating func stop() {
    checks.removeAll()
    checklist.removeAll { _ in true }
    outgoing.removeAll()
    selection.clear()
  }

  mutating func send(_ payload: ByteBuffer, to remote: SocketAddress, on base: CandidateBase) {
    outgoing.append(Datagram(base: base, remote: remote, payload: payload))
  }

  mutating func setState(_ new: ICETransportState) {
    guard new != state, state != .closed else { return }
    state = new
    announce(.stateChange(new))
  }

  package var selectedPair: CandidatePairDescription? {
    guard let selected = selection.pair, let index = checklist.index(of: selected) else { return nil }
    let pair = checklist[index]
    return CandidatePairDescription(local: pair.local, remote: pair.remote, isNominated: pair.isNominated)
  }

  /// The path on which data is sent, without the description of the pair, since this is read for every packet.
  var selectedPath: (base: CandidateBase, remote: SocketAddress)? {
    guard let selected = selection.pair, let index = checklist.index(of: selected) else { return nil }
    return (checklist[index].base, checklist[index].remote.address)
  }

  /// Whether data from this address is the peer's: it has answered a check of ours from exactly this address.
  package func accepts(dataFrom source: SocketAddress, on base: CandidateBase) -> Bool {
    checklist.index(of: base, source).map { checklist[$0].state == .succeeded } ?? false
  }
}
