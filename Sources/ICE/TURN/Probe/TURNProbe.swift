import NIOCore

/// Tests a TURN server over one transport: makes two allocations and sends packets from one to the other (RFC 8656).
///
/// The packets go between two allocations rather than to our socket's mapped address. So the test works behind any NAT
/// and where UDP is blocked, and it takes the path of a call between two peers that both need the relay. Each packet
/// returns to us, so its delay is a round-trip time.
package struct TURNProbe: Probe {
  package enum Finding: Hashable, Sendable {
    case allocation(AllocationFinding)
    /// Reported only after an allocation succeeded.
    case relay(RelayFinding)
  }

  enum Stage: Hashable, Sendable {
    case idle
    /// The leg with this index is being allocated.
    case opening(Int)
    case permitting
    case binding
    case measuring
    case releasing
    case finished
  }

  /// The time limit for each of these: the connection, the allocation, the permission, and the channel. Over UDP it
  /// allows four transmissions.
  package static let patience = TimeAmount.seconds(5)
  /// The time to wait for the responses when the allocations are freed.
  static let farewell = TimeAmount.milliseconds(500)
  static let sockets = [LocalEndpoint(id: 1), LocalEndpoint(id: 2)]

  private let server: ICEServer
  private let relaxed: Bool
  /// Whether packets are to be measured after the first allocation.
  private let measures: Bool
  private var generator: any RandomNumberGenerator & Sendable
  var stage = Stage.idle
  var stageEndsAt: NIODeadline?
  var legs: [TURNProbeLeg] = []
  var measurement: RelayMeasurement?
  var startedAt = NIODeadline.uptimeNanoseconds(0)
  var allocation = AllocationFinding()
  var relay = RelayFinding()
  private var connectionRequests = CircularBuffer<ConnectionRequest>()
  var outgoing = CircularBuffer<Transmit>()
  var findings = CircularBuffer<Finding>()

  package init(
    server: ICEServer, relaxed: Bool, measures: Bool = true, generator: any RandomNumberGenerator & Sendable
  ) {
    self.server = server
    self.relaxed = relaxed
    self.measures = measures
    self.generator = generator
  }

  package var sockets: [LocalEndpoint] { Self.sockets }
  package var remote: SocketAddress? { server.relayProtocol.isStream ? nil : server.address }
  package var isFinished: Bool { stage == .finished }

  package mutating func start(at addresses: [LocalEndpoint: SocketAddress], now: NIODeadline) {
    startedAt = now
    open(0, now: now)
    flush(now: now)
  }

  package mutating func receive(
    _ datagram: ByteBuffer, from source: SocketAddress, on endpoint: LocalEndpoint, now: NIODeadline
  ) {
    guard let index = legs.firstIndex(where: { $0.endpoint == endpoint }) else { return }
    if case .relayed(let payload, let peer) = legs[index].client.receive(datagram, from: source, now: now),
      index == 1, peer == legs[0].client.relayedAddress
    {
      measurement?.receive(payload, now: now)
    }
    flush(now: now)
  }

  package mutating func connected(_ endpoint: LocalEndpoint, now: NIODeadline) {
    guard let index = legs.firstIndex(where: { $0.endpoint == endpoint && !$0.isConnected }) else { return }
    connected(index, now: now)
    flush(now: now)
  }

  package mutating func disconnected(_ endpoint: LocalEndpoint, reason: String, now: NIODeadline) {
    guard let index = legs.firstIndex(where: { $0.endpoint == endpoint }) else { return }
    if legs[index].isConnected {
      legs[index].client.disconnect(reason)
    } else if stage == .opening(index) {
      fail(.disconnected(reason), now: now)
    }
    flush(now: now)
  }

  package var deadline: NIODeadline? {
    var earliest = stageEndsAt
    for time in legs.map(\.client.deadline) + [stage == .measuring ? measurement?.nextAt : nil] {
      if let time { earliest = min(earliest ?? time, time) }
    }
    return isFinished ? nil : earliest
  }

  package mutating func handleTimeout(now: NIODeadline) {
    for index in legs.indices { legs[index].client.handleTimeout(now: now) }
    flush(now: now)
    if let due = stageEndsAt, due <= now { expire(now: now) }
    flush(now: now)
  }

  package mutating func stop(now: NIODeadline) {
    if stage == .measuring { tell(now: now) } else { fail(refusal ?? .timeout, now: now) }
    release(now: now)
    flush(now: now)
  }

  package mutating func pollTransmit() -> Transmit? { outgoing.popFirst() }
  package mutating func pollConnectionRequest() -> ConnectionRequest? { connectionRequests.popFirst() }
  package mutating func pollFinding() -> Finding? { findings.popFirst() }

  // MARK: Opening

  mutating func open(_ index: Int, now: NIODeadline) {
    _ = generator.next()
    guard
      let leg = TURNProbeLeg(
        server, socket: Self.sockets[index], relaxed: relaxed, generator: generator, now: now)
    else { return finish() }
    legs.append(leg)
    enter(.opening(index), now: now)
    if let request = leg.connectionRequest {
      connectionRequests.append(request)
    } else {
      connected(index, now: now)
    }
  }

  private mutating func connected(_ index: Int, now: NIODeadline) {
    legs[index].isConnected = true
    if index == 0 {
      allocation.stage = .challenge
      if server.relayProtocol.isStream { allocation.connectTime = now - legs[index].since }
    }
    legs[index].since = now
    enter(.opening(index), now: now)
    legs[index].client.allocate(now: now)
  }

  mutating func allocated(_ index: Int, now: NIODeadline) {
    guard index == 0 else { return permit(now: now) }
    allocation.duration = now - startedAt
    findings.append(.allocation(allocation))
    startedAt = now
    if measures { open(1, now: now) } else { release(now: now) }
  }

  // MARK: Ending

  mutating func enter(_ stage: Stage, now: NIODeadline) {
    self.stage = stage
    stageEndsAt = now + (stage == .releasing ? Self.farewell : Self.patience)
  }

  mutating func release(now: NIODeadline) {
    guard stage != .releasing, stage != .finished else { return }
    enter(.releasing, now: now)
    measurement = nil
    for index in legs.indices { legs[index].client.deallocate(now: now) }
    flushTransmits()
    disconnect()
  }

  mutating func finish() {
    stage = .finished
    stageEndsAt = nil
  }

  private mutating func disconnect() {
    guard server.relayProtocol.isStream else { return }
    for leg in legs { connectionRequests.append(.disconnect(leg.endpoint)) }
    for index in legs.indices { legs[index].client.disconnect("") }
  }

  mutating func flushTransmits() {
    for index in legs.indices {
      while let transmit = legs[index].client.pollTransmit() { outgoing.append(transmit) }
    }
  }

  mutating func token() -> UInt64 { generator.next() }
}
