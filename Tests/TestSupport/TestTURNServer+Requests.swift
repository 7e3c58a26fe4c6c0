import ICE
import NIOCore

extension TestTURNServer {
  /// nil: no answer at all.
  mutating func answer(to request: STUNMessage, from client: SocketAddress, now: NIODeadline) -> ByteBuffer? {
    if request.method == .binding {
      return success(request, [.xorMappedAddress(client)]).encoded()
    }
    if configuration.asksForCredentials, let refusal = challenge(request, from: client, now: now) { return refusal }
    if configuration.errors[request.method]?.isEmpty == false,
      let error = configuration.errors[request.method]?.removeFirst()
    {
      return encode(failure(request, error))
    }
    switch request.method {
    case .allocate: return allocate(request, from: client, now: now)
    case .refresh: return refresh(request, from: client, now: now)
    case .createPermission: return createPermission(request, from: client, now: now)
    case .channelBind: return channelBind(request, from: client, now: now)
    default: return encode(failure(request, STUNErrorCode(400, "Bad Request")))
    }
  }

  /// RFC 8489 section 9.2.4; nil: the request is authentic.
  private mutating func challenge(
    _ request: STUNMessage, from client: SocketAddress, now: NIODeadline
  ) -> ByteBuffer? {
    guard request.isSigned else { return challenge(request, .init(401, "Unauthorized"), from: client, now: now) }
    guard let username = request.username, let realm = request.realm, let nonce = request.nonce else {
      return failure(request, .init(400, "Bad Request")).encoded()
    }
    guard let known = nonces[client], known.value == nonce, known.expiresAt > now, !configuration.alwaysStale else {
      return challenge(request, .init(438, "Stale Nonce"), from: client, now: now)
    }
    if let owner = allocations[client]?.username, owner != username {
      return failure(request, .init(441, "Wrong Credentials")).encoded()
    }
    guard
      username == configuration.username, realm == configuration.realm,
      request.hasValidIntegrity(key: configuration.key)
    else { return challenge(request, .init(401, "Unauthorized"), from: client, now: now) }
    return nil
  }

  private mutating func challenge(
    _ request: STUNMessage, _ error: STUNErrorCode, from client: SocketAddress, now: NIODeadline
  ) -> ByteBuffer {
    var response = failure(request, error)
    // One that is still good is told again, as servers do to clients with several requests under way.
    let isGood = nonces[client].map { $0.expiresAt > now } ?? false
    if !isGood || configuration.alwaysStale {
      var fresh = ByteBuffer()
      fresh.writeMultipleIntegers(generator.next() as UInt64, generator.next() as UInt64)
      nonces[client] = (fresh, now + configuration.nonceLifetime)
    }
    if !configuration.omitsChallenge, let nonce = nonces[client]?.value {
      response.attributes += [.realm(configuration.realm), .nonce(nonce)]
    }
    return response.encoded()
  }

  private mutating func allocate(
    _ request: STUNMessage, from client: SocketAddress, now: NIODeadline
  ) -> ByteBuffer {
    if let existing = allocations[client] {
      return existing.transaction == request.transactionID
        ? existing.answer : encode(failure(request, .init(437, "Allocation Mismatch")))
    }
    if let alternate = configuration.alternateServer {
      var response = failure(request, .init(300, "Try Alternate"))
      response.attributes.append(.alternateServer(alternate))
      if let domain = configuration.alternateDomain { response.attributes.append(.alternateDomain(domain)) }
      return encode(response)
    }
    guard request.attributes.contains(.requestedTransport(17)) else {
      return encode(failure(request, .init(442, "Unsupported Transport Protocol")))
    }
    let wantsIPv6 = request.attributes.contains(.requestedAddressFamily(.ipv6))
    guard let ip = wantsIPv6 ? configuration.relayedIPv6Address : configuration.relayedIPAddress else {
      return encode(failure(request, .init(440, "Address Family not Supported")))
    }
    guard let relayed = try? SocketAddress(ipAddress: ip, port: nextRelayedPort) else {
      return encode(failure(request, .init(508, "Insufficient Capacity")))
    }
    nextRelayedPort += 1
    var attributes: [STUNAttribute] = [.lifetime(configuration.lifetime)]
    if !configuration.omitsRelayedAddress { attributes.append(.xorRelayedAddress(relayed)) }
    if !configuration.omitsMappedAddress { attributes.append(.xorMappedAddress(client)) }
    let answer = encode(success(request, attributes))
    allocations[client] = Allocation(
      relayed: relayed, username: request.username ?? "", expiresAt: now + .seconds(Int64(configuration.lifetime)),
      transaction: request.transactionID, answer: answer)
    return answer
  }

  private mutating func refresh(
    _ request: STUNMessage, from client: SocketAddress, now: NIODeadline
  ) -> ByteBuffer {
    guard allocations[client] != nil else { return mismatch(request) }
    if request.lifetime == 0 {
      allocations[client] = nil
      return encode(success(request, [.lifetime(0)]))
    }
    allocations[client]?.expiresAt = now + .seconds(Int64(configuration.lifetime))
    return encode(success(request, [.lifetime(configuration.lifetime)]))
  }

  private mutating func createPermission(
    _ request: STUNMessage, from client: SocketAddress, now: NIODeadline
  ) -> ByteBuffer {
    guard allocations[client] != nil else { return mismatch(request) }
    guard let peer = request.xorPeerAddress else { return encode(failure(request, .init(400, "Bad Request"))) }
    guard !configuration.forbiddenPeers.contains(Self.withoutPort(peer)) else {
      return encode(failure(request, .init(403, "Forbidden")))
    }
    allocations[client]?.permissions[Self.withoutPort(peer)] = now + .seconds(300)
    return encode(success(request, []))
  }

  private mutating func channelBind(
    _ request: STUNMessage, from client: SocketAddress, now: NIODeadline
  ) -> ByteBuffer {
    guard let allocation = allocations[client] else { return mismatch(request) }
    guard
      let peer = request.xorPeerAddress, let number = request.channelNumber, (0x4000...0x4FFF).contains(number),
      allocation.channels[number].map({ $0.peer == peer }) ?? true,
      !allocation.channels.contains(where: { $0.value.peer == peer && $0.key != number })
    else { return encode(failure(request, .init(400, "Bad Request"))) }
    guard !configuration.forbiddenPeers.contains(Self.withoutPort(peer)) else {
      return encode(failure(request, .init(403, "Forbidden")))
    }
    // A fragile server ends the channel with its permission, whose time a ChannelBind renews as well.
    allocations[client]?.channels[number] = (peer, now + .seconds(600))
    allocations[client]?.permissions[Self.withoutPort(peer)] = now + .seconds(300)
    return encode(success(request, []))
  }

  private func mismatch(_ request: STUNMessage) -> ByteBuffer {
    encode(failure(request, .init(437, "Allocation Mismatch")))
  }

  private func success(_ request: STUNMessage, _ attributes: [STUNAttribute]) -> STUNMessage {
    STUNMessage(.success, request.method, transactionID: request.transactionID, attributes: attributes)
  }

  private func failure(_ request: STUNMessage, _ error: STUNErrorCode) -> STUNMessage {
    let told = configuration.isFragile ? STUNErrorCode(error.code) : error
    return STUNMessage(.error, request.method, transactionID: request.transactionID, attributes: [.errorCode(told)])
  }

  /// Signs as the configuration says.
  private func encode(_ response: STUNMessage) -> ByteBuffer {
    guard configuration.asksForCredentials else { return response.encoded() }
    switch configuration.signature {
    case .none:
      return response.encoded()
    case .wrong:
      return response.encoded(integrityKey: IntegrityKey(password: "somebody else's"))
    case .allButSomeErrors where [400, 437, 441].contains(response.errorCode?.code):
      return response.encoded()
    case .all, .allButSomeErrors:
      return response.encoded(integrityKey: configuration.key)
    }
  }
}
