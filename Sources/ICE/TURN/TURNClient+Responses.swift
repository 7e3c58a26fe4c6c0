import NIOCore

/// The responses: which are accepted, and what they change.
extension TURNClient {
  mutating func receive(response: STUNMessage, now: NIODeadline) -> Received {
    guard
      let index = transactions.firstIndex(where: { $0.id == response.transactionID }),
      transactions[index].request.method == response.method
    else { return .notMine }
    statistics.responsesReceived += 1
    if let refusal = authenticator.refusal(of: response, to: transactions[index]) {
      statistics.responsesRefused += 1
      refuse(index, refusal, now: now)
      return .consumed
    }
    let transaction = transactions.remove(at: index)
    // "the transaction is considered to have failed" (RFC 8489 sections 6.3.3 and 6.3.4).
    guard response.unknownComprehensionRequired.isEmpty else {
      fail(transaction, .malformedResponse, now: now)
      return .consumed
    }
    if response.messageClass == .success {
      succeed(transaction, response, now: now)
    } else if let error = response.errorCode {
      handle(error, of: response, to: transaction, now: now)
    } else {
      fail(transaction, .malformedResponse, now: now)
    }
    return .consumed
  }

  /// Ignores a response that is not authentic: it "MUST be discarded, as if it was never received". Only a server that
  /// does not sign its response to the first request is reported at once, since waiting 40 s would reveal no more.
  private mutating func refuse(_ index: Int, _ refusal: TURNError, now: NIODeadline) {
    if transactions[index].purpose == .allocate, refusal != .integrityMismatch {
      fail(transactions.remove(at: index), refusal, now: now)
    } else {
      transactions[index].refusal = refusal
    }
  }

  private mutating func succeed(_ transaction: TURNTransaction, _ response: STUNMessage, now: NIODeadline) {
    switch transaction.purpose {
    case .allocate:
      allocated(response, now: now)
    case .refresh:
      guard case .allocated(var allocation) = state else { return }
      let lifetime = Allocation.lifetime(of: response)
      guard lifetime > .zero else { return lose(.allocationMismatch) }
      allocation.refreshAt = Allocation.refreshTime(lifetime: lifetime, now: now)
      state = .allocated(allocation)
    case .release:
      forgetAllocation()
    case .permit(let address):
      guard let index = permissions.firstIndex(where: { $0.address == address }) else { return }
      permissions[index].expiresAt = now + TURNPermission.lifetime
      permissions[index].renewAt = expiryOfChannel(to: address, now: now) ?? now + TURNPermission.renewalInterval
    case .bind(let number):
      guard let index = channels.index(of: number), channels[index].isRequested else { return }
      channels[index].expiresAt = now + TURNPermission.lifetime
      channels[index].renewAt = now + TURNPermission.renewalInterval
      extendPermission(ofChannel: channels[index])
    }
  }

  private mutating func allocated(_ response: STUNMessage, now: NIODeadline) {
    if case .releasing = state { return requestRelease(now: now) }
    let lifetime = Allocation.lifetime(of: response)
    guard
      let relayed = response.xorRelayedAddress, relayed.stunFamily == relayedFamily,
      let mapped = response.xorMappedAddress, lifetime > .zero
    else {
      forgetAllocation()
      return events.append(.failed(.malformedResponse))
    }
    guard relayed.isPlausible(from: server) else {
      forgetAllocation()
      return events.append(.failed(.unusableRelayedAddress))
    }
    let refreshAt = Allocation.refreshTime(lifetime: lifetime, now: now)
    state = .allocated(Allocation(relayed: relayed, mapped: mapped, refreshAt: refreshAt))
    events.append(.allocated(relayed: relayed, mapped: mapped, lifetime: lifetime))
    for permission in permissions { requestPermission(for: permission.address, now: now) }
    for channel in channels { requestChannel(channel.number, now: now) }
  }

  /// A ChannelBind also installs the permission, which therefore is not renewed separately while the channel is.
  private mutating func extendPermission(ofChannel channel: ChannelBinding) {
    guard let index = permissionIndex(of: channel.peer) else { return }
    permissions[index].expiresAt = channel.expiresAt
    if permissions[index].renewAt != nil { permissions[index].renewAt = channel.expiresAt }
  }

  /// Returns when the last channel to an IP address expires. A channel that has expired while its renewal is in
  /// progress is ignored.
  private func expiryOfChannel(to address: SocketAddress, now: NIODeadline) -> NIODeadline? {
    channels.lazy.filter { $0.peer.withoutPort == address }.compactMap(\.expiresAt).filter { $0 > now }.max()
  }

  private mutating func handle(
    _ error: STUNErrorCode, of response: STUNMessage, to transaction: TURNTransaction, now: NIODeadline
  ) {
    // After an error there is no allocation to free.
    if case .releasing = state, transaction.purpose == .allocate { return forgetAllocation() }
    switch error.code {
    case STUNErrorCode.unauthorized where !transaction.isAuthenticated:
      guard authenticator.answer(challenge: response) else { return fail(transaction, .malformedResponse, now: now) }
      send(transaction.purpose, transaction.request.method, transaction.request.attributes, now: now)
    case STUNErrorCode.staleNonce where transaction.isAuthenticated && !transaction.followsStaleNonce:
      guard authenticator.renewNonce(from: response) else { return fail(transaction, .malformedResponse, now: now) }
      send(
        transaction.purpose, transaction.request.method, transaction.request.attributes, followsStaleNonce: true,
        now: now)
    case STUNErrorCode.tryAlternate where transaction.purpose == .allocate:
      fail(transaction, .redirected(to: response.alternateServer, domain: response.alternateDomain), now: now)
    default:
      fail(transaction, TURNError(error), now: now)
    }
  }

  mutating func fail(_ transaction: TURNTransaction, _ error: TURNError, now: NIODeadline) {
    switch transaction.purpose {
    case .allocate:
      if case .allocating = state { events.append(.failed(error)) }
      forgetAllocation()
    case .refresh:
      lose(error)
    case .release:
      forgetAllocation()
    case .permit where error == .allocationMismatch, .bind where error == .allocationMismatch:
      lose(error)
    case .permit(let address):
      guard let index = permissions.firstIndex(where: { $0.address == address }) else { return }
      for peer in permissions.remove(at: index).peers { events.append(.peerRefused(peer, error)) }
    case .bind(let number):
      unbind(number, error, now: now)
    }
  }

  /// Gives up a channel. Its peer is still reachable by Send indications if there is a permission.
  private mutating func unbind(_ number: UInt16, _ error: TURNError, now: NIODeadline) {
    guard let index = channels.index(of: number) else { return }
    channels[index].isRequested = false
    channels[index].isBelieved = false
    channels[index].expiresAt = nil
    channels[index].renewAt = nil
    let peer = channels[index].peer
    if error != .forbidden, permissionIndex(of: peer) != nil {
      renewPermission(of: peer, now: now)
    } else {
      events.append(.peerRefused(peer, error))
    }
  }

  private mutating func lose(_ error: TURNError) {
    guard case .allocated = state else { return }
    forgetAllocation()
    events.append(.lost(error))
  }
}
