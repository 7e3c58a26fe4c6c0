import NIOCore

/// The stages of a TURN probe from its two allocations to the packets between them.
extension TURNProbe {
  /// Handles the events of both clients and advances to the next stage.
  mutating func flush(now: NIODeadline) {
    for index in legs.indices { takeEvents(index, now: now) }
    advance(now: now)
    flushTransmits()
  }

  private mutating func takeEvents(_ index: Int, now: NIODeadline) {
    noteChallenge(now: now)
    while let event = legs[index].client.pollEvent() {
      switch event {
      case .allocated(let relayed, let mapped, let lifetime):
        if index == 0 {
          allocation.allocateTime = now - legs[0].since
          (allocation.relayed, allocation.mapped, allocation.lifetime) = (relayed, mapped, lifetime)
        }
        if stage == .opening(index) { allocated(index, now: now) }
      case .failed(let error), .lost(let error), .peerRefused(_, let error):
        fail(error, now: now)
      }
    }
  }

  private mutating func noteChallenge(now: NIODeadline) {
    guard stage == .opening(0), allocation.challengeTime == nil, legs[0].client.authenticator.authentication != nil
    else { return }
    allocation.stage = .allocate
    allocation.challengeTime = now - legs[0].since
    legs[0].since = now
  }

  mutating func permit(now: NIODeadline) {
    guard let (first, second) = relayedAddresses else { return }
    relay.stage = .permission
    legs[0].since = now
    enter(.permitting, now: now)
    legs[0].client.permit(second, now: now)
    legs[1].client.permit(first, now: now)
  }

  private var relayedAddresses: (SocketAddress, SocketAddress)? {
    guard legs.count == 2, let first = legs[0].client.relayedAddress, let second = legs[1].client.relayedAddress else {
      return nil
    }
    return (first, second)
  }

  private mutating func advance(now: NIODeadline) {
    if stage == .releasing {
      if legs.allSatisfy({ $0.client.deadline == nil }) { finish() }
      return
    }
    guard let (first, second) = relayedAddresses else { return }
    let isPermitted = legs[0].client.isPermitted(second) && legs[1].client.isPermitted(first)
    let isBound = legs[0].client.hasChannel(second) && legs[1].client.hasChannel(first)
    if stage == .permitting, isPermitted {
      relay.permissionTime = now - legs[0].since
      relay.stage = .channel
      legs[0].since = now
      enter(.binding, now: now)
      legs[0].client.bindChannel(to: second, now: now)
      legs[1].client.bindChannel(to: first, now: now)
    } else if stage == .binding, isBound {
      relay.channelTime = now - legs[0].since
      measure(now: now)
    }
    if stage == .measuring { send(to: second, now: now) }
  }

  private mutating func measure(now: NIODeadline) {
    relay.stage = .packets
    measurement = RelayMeasurement(token: token(), now: now)
    stage = .measuring
    stageEndsAt = nil
  }

  private mutating func send(to peer: SocketAddress, now: NIODeadline) {
    while var payload = measurement?.next(now: now) {
      guard legs[0].client.frame(&payload, to: peer, now: now) else { continue }
      outgoing.append(Transmit(endpoint: legs[0].endpoint, remote: legs[0].client.server, payload: payload))
    }
    if measurement?.isComplete == true { tell(now: now) }
  }

  // MARK: Findings

  mutating func expire(now: NIODeadline) {
    switch stage {
    // A server without channels still relays Send indications.
    case .binding: measure(now: now)
    case .releasing: finish()
    case .idle, .opening, .permitting: fail(refusal ?? .timeout, now: now)
    case .measuring, .finished: break
    }
  }

  /// The reason why responses were refused, which explains a failure better than a timeout.
  var refusal: TURNError? { legs.lazy.flatMap(\.client.transactions).compactMap(\.refusal).first }

  mutating func fail(_ error: TURNError, now: NIODeadline) {
    switch stage {
    case .opening(0):
      allocation.error = error
      allocation.duration = now - startedAt
      findings.append(.allocation(allocation))
    case .opening, .permitting, .binding, .measuring:
      relay.error = error
      tell(now: now)
      return
    case .idle, .releasing, .finished: return
    }
    release(now: now)
  }

  mutating func tell(now: NIODeadline) {
    if let measurement {
      relay.packetsSent = measurement.packetsSent
      relay.packetsReceived = measurement.packetsReceived
      relay.roundTripTimes = measurement.roundTripTimes
      relay.jitter = measurement.interarrivalJitter
      relay.largestPayload = measurement.largestPayload
    }
    relay.duration = now - startedAt
    findings.append(.relay(relay))
    release(now: now)
  }
}
