import NIOCore

/// Connectivity checks in the role of the STUN server (RFC 8445 section 7.3).
extension ICEAgent {
  /// Takes a STUN message that arrived on a base. A message that is not verifiably the peer's is dropped and counted.
  package mutating func receive(
    _ datagram: ByteBuffer, from source: SocketAddress, on base: CandidateBase, now: NIODeadline
  ) {
    // Under the policy `relay` a socket is no candidate: an answer from it would disclose its address.
    guard
      isRunning, baseCandidate(of: base) != nil,
      let message = try? STUNMessage(parsing: datagram), message.method == .binding
    else { return dropMessage() }
    switch message.messageClass {
    case .request: receive(request: message, from: source, on: base, now: now)
    case .success, .error: receive(response: message, from: source, on: base, now: now)
    // Keepalives are indications and need no answer (RFC 8445 section 11).
    case .indication: return
    }
    handleTimeout(now: now)
  }

  mutating func dropMessage() {
    statistics.messagesDropped += 1
  }

  private mutating func receive(
    request: STUNMessage, from source: SocketAddress, on base: CandidateBase, now: NIODeadline
  ) {
    // RFC 8489 section 9.1.3 answers with 400 or 401. Nothing is sent here, so that those without the password cannot
    // discover the agent.
    guard
      let username = request.username, credentials.accepts(username: username),
      request.hasValidIntegrity(key: credentials.localKey)
    else { return dropMessage() }
    statistics.requestsReceived += 1
    guard request.unknownComprehensionRequired.isEmpty else {
      return refuse(
        request, STUNErrorCode(STUNErrorCode.unknownAttribute),
        [.unknownAttributes(request.unknownComprehensionRequired)], source, base)
    }
    guard let priority = request.priority else {
      return refuse(request, STUNErrorCode(STUNErrorCode.badRequest), [], source, base)
    }
    guard resolveRoleConflict(request) else {
      return refuse(request, STUNErrorCode(STUNErrorCode.roleConflict), [], source, base)
    }
    guard let id = pairForCheck(from: source, on: base, priority: priority, now: now) else { return dropMessage() }
    answer(request, .success, [.xorMappedAddress(source)], source, base)
    checklist.earnTransmissions(id)
    trigger(id, isNominated: request.useCandidate && role == .controlled, now: now)
  }

  private mutating func refuse(
    _ request: STUNMessage, _ error: STUNErrorCode, _ more: [STUNAttribute], _ source: SocketAddress,
    _ base: CandidateBase
  ) {
    answer(request, .error, [.errorCode(error)] + more, source, base)
  }

  private mutating func answer(
    _ request: STUNMessage, _ messageClass: STUNMessageClass, _ attributes: [STUNAttribute],
    _ source: SocketAddress, _ base: CandidateBase
  ) {
    let response = STUNMessage(
      messageClass, .binding, transactionID: request.transactionID, attributes: attributes)
    statistics.responsesSent += 1
    send(response.encoded(integrityKey: credentials.localKey, fingerprint: true), to: source, on: base)
  }

  /// Resolves a role conflict (RFC 8445 section 7.3.1.1); returns false if the peer has to change its role.
  private mutating func resolveRoleConflict(_ request: STUNMessage) -> Bool {
    switch claim.resolution(against: request) {
    case .agreed: return true
    case .insists: return false
    case .yields:
      switchRole()
      return true
    }
  }

  /// Performs a triggered check and updates the nominated flag (RFC 8445 sections 7.3.1.4 and 7.3.1.5).
  private mutating func trigger(_ id: Int, isNominated: Bool, now: NIODeadline) {
    guard let index = checklist.index(of: id) else { return }
    if isNominated { selection.peerNominated(id) }
    switch checklist[index].state {
    case .succeeded:
      guard !checklist[index].isLive(now: now) else {
        checklist[index].isNominated = checklist[index].isNominated || isNominated
        return
      }
      // The peer uses a pair that has been silent for long: a check has to show whether it still works.
      checklist[index].isNominationPending = checklist[index].isNominationPending || isNominated
      let isUnderWay = checks.contains { $0.pair == id && !$0.purpose.isOfPairInUse && !$0.isCancelled }
      if !isUnderWay { checklist.trigger(id) }
    case .inProgress:
      checklist[index].isNominationPending = checklist[index].isNominationPending || isNominated
      checklist.trigger(id)
    case .waiting, .failed:
      checklist[index].isNominationPending = checklist[index].isNominationPending || isNominated
      checklist[index].state = .waiting
      checklist.trigger(id)
    }
  }
}
