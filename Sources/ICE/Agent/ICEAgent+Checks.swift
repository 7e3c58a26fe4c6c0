import NIOCore

/// Connectivity checks in the role of the STUN client (RFC 8445 section 7.2).
extension ICEAgent {
  mutating func performChecks(now: NIODeadline) {
    guard credentials.remote != nil else { return }
    while let index = checklist.takeNext(now: now) {
      check(index, checklist[index].id == nomination.pair ? .nomination : .connectivity, now: now)
    }
  }

  mutating func check(_ index: Int, _ purpose: ConnectivityCheck.Purpose, now: NIODeadline) {
    guard let key = credentials.remoteKey else { return }
    let pair = checklist[index]
    let priority = (baseCandidate(of: pair.base) ?? pair.local).peerReflexivePriority
    var request = STUNMessage(.request, .binding, transactionID: TransactionID(using: &generator))
    request.attributes = [.username(credentials.outgoingUsername), .priority(priority), claim.attribute]
    if purpose == .nomination { request.attributes.append(.useCandidate) }
    let payload = request.encoded(integrityKey: key, fingerprint: true)

    if pair.state != .succeeded { checklist[index].state = .inProgress }
    if purpose == .connectivity { checklist[index].transmissionsLeft -= 1 }
    // The in-progress check of the pair is cancelled: it is not sent again, and an answer to it still counts (RFC 8445
    // section 7.3.1.4).
    if !purpose.isOfPairInUse { cancelChecks(of: pair.id) }
    let timer = purpose.isOfPairInUse ? nil : RetransmissionTimer(now: now, rto: retransmissionTimeout)
    checks.append(
      ConnectivityCheck(
        id: request.transactionID, pair: pair.id, base: pair.base, remote: pair.remote.address, purpose: purpose,
        role: role, priority: priority, payload: payload, timer: timer, sentAt: now,
        expiresAt: now + purpose.lifetime))
    if checks.count > Self.maximumChecks, let oldest = checks.firstIndex(where: \.isCancelled) {
      checks.remove(at: oldest)
    }
    if purpose == .consent { statistics.consentRequestsSent += 1 } else { statistics.requestsSent += 1 }
    send(payload, to: pair.remote.address, on: pair.base)
  }

  /// Measures the round-trip time of the selected pair by a check of its own: the peer answers it at once, and it waits
  /// before a bottleneck like the media around it.
  mutating func measureRoundTrip(_ number: Int, now: NIODeadline) {
    guard
      isRunning, checks.count < Self.maximumChecks, let selected = selection.pair,
      let index = checklist.index(of: selected)
    else { return }
    check(index, .measurement(number), now: now)
  }

  /// "RTO = MAX (500ms, Ta * N * (Num-Waiting + Num-In-Progress))" (RFC 8445 section 14.3), limited so that a check in
  /// a long list is still sent three times in its lifetime: with a hundred pairs it would be 500 s.
  private var retransmissionTimeout: TimeAmount {
    let wanted = Self.pacing * checklist.pairs.count * checklist.undecidedCount
    return min(max(RetransmissionTimer.initialRTO, wanted), .seconds(5))
  }

  private mutating func cancelChecks(of pair: Int) {
    for index in checks.indices where checks[index].pair == pair && !checks[index].purpose.isOfPairInUse {
      checks[index].isCancelled = true
    }
  }

  mutating func expireChecks(now: NIODeadline) {
    for index in checks.indices.reversed() {
      if now >= checks[index].expiresAt {
        giveUp(checks.remove(at: index))
      } else if !checks[index].isCancelled, checks[index].timer != nil {
        switch checks[index].timer?.handleTimeout(now: now) {
        case .retransmit: sendAgain(checks[index])
        case .giveUp: giveUp(checks.remove(at: index))
        case nil: break
        }
      }
    }
  }

  /// Sends a check again if the pair allows it. Nominations are not limited: there is only one at a time, for a pair on
  /// which the peer has answered.
  private mutating func sendAgain(_ check: ConnectivityCheck) {
    if check.purpose == .connectivity {
      guard let index = checklist.index(of: check.pair), checklist[index].transmissionsLeft > 0 else { return }
      checklist[index].transmissionsLeft -= 1
    }
    statistics.requestsSent += 1
    send(check.payload, to: check.remote, on: check.base)
  }

  /// Handles a check that was never answered. A check of a pair in use fails nothing, and a cancelled check has a
  /// successor.
  private mutating func giveUp(_ check: ConnectivityCheck) {
    guard !checks.contains(where: { $0.pair == check.pair && !$0.purpose.isOfPairInUse }) else { return }
    fail(check)
  }

  /// Fails the pair of a check. A valid pair fails only if its nomination did; otherwise it is lost when consent
  /// expires.
  private mutating func fail(_ check: ConnectivityCheck) {
    guard !check.purpose.isOfPairInUse else { return }
    nomination.end(of: check.pair)
    guard let index = checklist.index(of: check.pair) else { return }
    if checklist[index].state != .succeeded || check.purpose == .nomination { checklist[index].state = .failed }
  }

  /// Takes a response to a check, which must be signed by the peer and come back on the path of the request.
  ///
  /// RFC 8445 section 7.2.5.2.1 fails the pair if the response comes from elsewhere. Here such a response is ignored,
  /// and the pair fails when the check times out. So an attacker on the path cannot break a pair by sending a copy of a
  /// response from another address.
  mutating func receive(
    response: STUNMessage, from source: SocketAddress, on base: CandidateBase, now: NIODeadline
  ) {
    guard
      let position = checks.firstIndex(where: { $0.id == response.transactionID }),
      checks[position].remote == source, checks[position].base == base,
      let key = credentials.remoteKey, response.hasValidIntegrity(key: key)
    else { return dropMessage() }
    statistics.responsesReceived += 1
    let check = checks.remove(at: position)
    checklist.earnTransmissions(check.pair)
    // "the response is discarded and the transaction is considered to have failed" (RFC 8489 section 6.3.3, for errors
    // section 6.3.4).
    guard response.unknownComprehensionRequired.isEmpty else {
      dropMessage()
      return fail(check)
    }
    if response.messageClass == .error {
      receive(error: response.errorCode, to: check, now: now)
    } else if let mapped = response.xorMappedAddress {
      succeed(check, mapped: mapped, now: now)
    } else {
      fail(check)
    }
  }

  private mutating func receive(error: STUNErrorCode?, to check: ConnectivityCheck, now: NIODeadline) {
    guard error?.code == STUNErrorCode.roleConflict else { return fail(check) }
    if role == check.role {
      switchRole()
      claim.changeTieBreaker(using: &generator)
    }
    guard !check.purpose.isOfPairInUse, let index = checklist.index(of: check.pair) else { return }
    if checklist[index].state != .succeeded { checklist[index].state = .waiting }
    checklist.trigger(check.pair)
  }

  private mutating func succeed(_ check: ConnectivityCheck, mapped: SocketAddress, now: NIODeadline) {
    guard let index = checklist.index(of: check.pair) else { return }
    if let roundTripTime = check.roundTripTime(now: now) {
      checklist[index].roundTripTime = roundTripTime
      statistics.totalRoundTripTime = statistics.totalRoundTripTime + roundTripTime
    }
    checklist[index].lastResponse = now
    if case .measurement(let number) = check.purpose { announce(.roundTripMeasured(number)) }
    if checklist[index].state != .succeeded {
      checklist[index].state = .succeeded
      validate(index, mapped: mapped, priority: check.priority)
      nomination.foundValidPair(now: now)
    }
    // The other checks of this pair need no retransmission.
    for other in checks.indices where checks[other].pair == check.pair && checks[other].purpose == .connectivity {
      checks[other].isCancelled = true
    }
    conclude(check, index)
  }

  /// Makes the pair valid: its local candidate becomes the one with the address that the peer saw (RFC 8445 section
  /// 7.2.5.3).
  private mutating func validate(_ index: Int, mapped: SocketAddress, priority: UInt32) {
    let pair = checklist[index]
    checklist[index].local = candidates.local(
      at: mapped, on: pair.base, priority: priority, related: pair.local.address)
    checklist[index].priority = self.priority(checklist[index].local, pair.remote)
  }
}
