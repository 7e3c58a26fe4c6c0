import NIOCore

/// The requests: how they are made, signed, sent and repeated, and what is renewed when.
extension TURNClient {
  /// The IP protocol number of UDP.
  private static let udp: UInt8 = 17

  package var deadline: NIODeadline? {
    var earliest: NIODeadline?
    func consider(_ time: NIODeadline?) {
      guard let time else { return }
      earliest = min(earliest ?? time, time)
    }
    for transaction in transactions { consider(transaction.timer.deadline) }
    if case .allocated(let allocation) = state {
      consider(allocation.refreshAt)
      for permission in permissions { consider(permission.renewAt) }
      for channel in channels { consider(channel.renewAt) }
    }
    return earliest
  }

  package mutating func handleTimeout(now: NIODeadline) {
    for id in transactions.map(\.id) {
      // A failed transaction may have removed others.
      guard let index = transactions.firstIndex(where: { $0.id == id }) else { continue }
      switch transactions[index].timer.handleTimeout(now: now) {
      case .retransmit: transmit(transactions[index].encoded)
      case .giveUp:
        let transaction = transactions.remove(at: index)
        fail(transaction, transaction.refusal ?? .timeout, now: now)
      case nil: break
      }
    }
    guard case .allocated(let allocation) = state else { return }
    if let time = allocation.refreshAt, now >= time { refresh(now: now) }
    for permission in permissions {
      if let time = permission.renewAt, now >= time { requestPermission(for: permission.address, now: now) }
    }
    for channel in channels {
      if let time = channel.renewAt, now >= time { requestChannel(channel.number, now: now) }
    }
  }

  /// Refreshes the allocation early if the server may have lost it; a 437 response tells so.
  package mutating func refresh(now: NIODeadline) {
    guard case .allocated(var allocation) = state, allocation.refreshAt != nil else { return }
    allocation.refreshAt = nil
    state = .allocated(allocation)
    send(.refresh, .refresh, [], now: now)
  }

  /// DONT-FRAGMENT and, for IPv4, REQUESTED-ADDRESS-FAMILY are omitted: some servers reject them, and they have no
  /// benefit.
  mutating func requestAllocation(now: NIODeadline) {
    var attributes = [STUNAttribute.requestedTransport(Self.udp)]
    if relayedFamily == .ipv6 { attributes.append(.requestedAddressFamily(.ipv6)) }
    send(.allocate, .allocate, attributes, now: now)
  }

  mutating func requestRelease(now: NIODeadline) {
    send(.release, .refresh, [.lifetime(0)], now: now)
  }

  // Permissions and channels are passed by address and number instead of index, since a request that fails may remove
  // others.

  mutating func requestPermission(for address: SocketAddress, now: NIODeadline) {
    guard
      case .allocated = state, let index = permissionIndex(of: address), let peer = permissions[index].peers.first
    else { return }
    permissions[index].renewAt = nil
    send(.permit(address), .createPermission, [.xorPeerAddress(peer)], now: now)
  }

  mutating func requestChannel(_ number: UInt16, now: NIODeadline) {
    guard case .allocated = state, let index = channels.index(of: number), channels[index].isRequested else { return }
    channels[index].renewAt = nil
    channels[index].isBelieved = true
    channels[index].reusableAt = now + ChannelBinding.reuseDelay
    send(.bind(number), .channelBind, [.channelNumber(number), .xorPeerAddress(channels[index].peer)], now: now)
  }

  mutating func send(
    _ purpose: TURNTransaction.Purpose, _ method: STUNMethod, _ attributes: [STUNAttribute],
    followsStaleNonce: Bool = false, now: NIODeadline
  ) {
    let id = TransactionID(using: &generator)
    let request = STUNMessage(.request, method, transactionID: id, attributes: attributes)
    let authentication = authenticator.authentication
    var signed = request
    signed.attributes += authentication?.attributes ?? []
    let encoded = signed.encoded(integrityKey: authentication?.key)
    transactions.append(
      TURNTransaction(
        purpose: purpose, request: request, encoded: encoded, isAuthenticated: authentication != nil,
        followsStaleNonce: followsStaleNonce,
        timer: relayProtocol.isStream ? RetransmissionTimer(reliable: now) : RetransmissionTimer(now: now)))
    transmit(encoded)
  }

  private mutating func transmit(_ request: ByteBuffer) {
    statistics.requestsSent += 1
    outgoing.append(Transmit(endpoint: endpoint, remote: server, payload: request))
  }
}
