import NIOCore

/// The values of the first attribute of each kind: "any duplicates MAY be ignored" (RFC 8489 section 14).
extension STUNMessage {
  package var username: String? { first { if case .username(let value) = $0 { value } else { nil } } }
  package var realm: String? { first { if case .realm(let value) = $0 { value } else { nil } } }
  package var nonce: ByteBuffer? { first { if case .nonce(let value) = $0 { value } else { nil } } }
  package var errorCode: STUNErrorCode? { first { if case .errorCode(let value) = $0 { value } else { nil } } }
  package var lifetime: UInt32? { first { if case .lifetime(let value) = $0 { value } else { nil } } }
  package var channelNumber: UInt16? { first { if case .channelNumber(let value) = $0 { value } else { nil } } }
  package var data: ByteBuffer? { first { if case .data(let value) = $0 { value } else { nil } } }
  package var alternateDomain: String? {
    first { if case .alternateDomain(let value) = $0 { value } else { nil } }
  }
  package var priority: UInt32? { first { if case .priority(let value) = $0 { value } else { nil } } }
  package var iceControlled: UInt64? { first { if case .iceControlled(let value) = $0 { value } else { nil } } }
  package var iceControlling: UInt64? { first { if case .iceControlling(let value) = $0 { value } else { nil } } }
  package var useCandidate: Bool { attributes.contains(.useCandidate) }

  package var xorMappedAddress: SocketAddress? {
    first { if case .xorMappedAddress(let value) = $0 { value } else { nil } }
  }
  package var mappedAddress: SocketAddress? {
    first { if case .mappedAddress(let value) = $0 { value } else { nil } }
  }
  package var xorPeerAddress: SocketAddress? {
    first { if case .xorPeerAddress(let value) = $0 { value } else { nil } }
  }
  package var xorRelayedAddress: SocketAddress? {
    first { if case .xorRelayedAddress(let value) = $0 { value } else { nil } }
  }
  package var alternateServer: SocketAddress? {
    first { if case .alternateServer(let value) = $0 { value } else { nil } }
  }

  /// Returns the address at which the server saw us. Servers of RFC 3489 send MAPPED-ADDRESS instead of
  /// XOR-MAPPED-ADDRESS.
  ///
  /// - Throws: `STUNBindingError`.
  func reflexiveAddress(from server: SocketAddress) throws(STUNBindingError) -> SocketAddress {
    guard messageClass == .success else { throw errorCode.map(STUNBindingError.rejected) ?? .malformedResponse }
    guard let mapped = xorMappedAddress ?? mappedAddress else { throw .malformedResponse }
    guard mapped.isPlausible(from: server) else { throw .unusableAddress }
    return mapped
  }

  /// Returns the server's OTHER-ADDRESS. Because the server thereby chooses whom we send to, only an address and port
  /// that differ from its own, with the same family, are accepted, and no loopback address from elsewhere.
  func otherAddress(of server: SocketAddress) -> SocketAddress? {
    guard
      let other = first({ if case .otherAddress(let value) = $0 { value } else { nil } }),
      other.isUsableCandidateAddress, other.stunFamily == server.stunFamily, other.ipAddress != server.ipAddress,
      other.port != server.port, other.isLoopback == server.isLoopback
    else { return nil }
    return other
  }

  private func first<Value>(_ match: (STUNAttribute) -> Value?) -> Value? {
    for attribute in attributes {
      if let value = match(attribute) { return value }
    }
    return nil
  }
}
