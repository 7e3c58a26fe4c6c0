import NIOCore

/// One attribute of a STUN message (RFC 8489 section 14, RFC 8656 section 18, RFC 8445 section 16.1).
///
/// MESSAGE-INTEGRITY and FINGERPRINT are not among them: ``STUNMessage`` computes and checks these.
package enum STUNAttribute: Hashable, Sendable {
  case mappedAddress(SocketAddress)
  case username(String)
  case errorCode(STUNErrorCode)
  case unknownAttributes([UInt16])
  case channelNumber(UInt16)
  /// A lifetime in seconds.
  case lifetime(UInt32)
  case xorPeerAddress(SocketAddress)
  case data(ByteBuffer)
  case realm(String)
  /// An opaque value, which is returned to the server byte for byte.
  case nonce(ByteBuffer)
  case xorRelayedAddress(SocketAddress)
  case requestedAddressFamily(STUNAddressFamily)
  /// An IP protocol number; 17 is UDP.
  case requestedTransport(UInt8)
  case xorMappedAddress(SocketAddress)
  case priority(UInt32)
  case useCandidate
  case software(String)
  /// A domain name.
  case alternateDomain(String)
  case alternateServer(SocketAddress)
  case iceControlled(UInt64)
  case iceControlling(UInt64)
  /// The address and port from which the server answers when it is asked to change both (RFC 5780 section 7.4).
  case otherAddress(SocketAddress)
  case unknown(type: UInt16, ByteBuffer)

  /// The type of the attribute.
  package var type: UInt16 {
    switch self {
    case .mappedAddress: Code.mappedAddress
    case .username: Code.username
    case .errorCode: Code.errorCode
    case .unknownAttributes: Code.unknownAttributes
    case .channelNumber: Code.channelNumber
    case .lifetime: Code.lifetime
    case .xorPeerAddress: Code.xorPeerAddress
    case .data: Code.data
    case .realm: Code.realm
    case .nonce: Code.nonce
    case .xorRelayedAddress: Code.xorRelayedAddress
    case .requestedAddressFamily: Code.requestedAddressFamily
    case .requestedTransport: Code.requestedTransport
    case .xorMappedAddress: Code.xorMappedAddress
    case .priority: Code.priority
    case .useCandidate: Code.useCandidate
    case .software: Code.software
    case .alternateDomain: Code.alternateDomain
    case .alternateServer: Code.alternateServer
    case .iceControlled: Code.iceControlled
    case .iceControlling: Code.iceControlling
    case .otherAddress: Code.otherAddress
    case .unknown(let type, _): type
    }
  }

  /// The attribute types of the registries in RFC 8489 section 18.3, RFC 8656 section 18, RFC 8445 section 16.1 and RFC
  /// 5780 section 9.1.
  enum Code {
    static let mappedAddress: UInt16 = 0x0001
    static let changeRequest: UInt16 = 0x0003
    static let username: UInt16 = 0x0006
    static let messageIntegrity: UInt16 = 0x0008
    static let errorCode: UInt16 = 0x0009
    static let unknownAttributes: UInt16 = 0x000A
    static let channelNumber: UInt16 = 0x000C
    static let lifetime: UInt16 = 0x000D
    static let xorPeerAddress: UInt16 = 0x0012
    static let data: UInt16 = 0x0013
    static let realm: UInt16 = 0x0014
    static let nonce: UInt16 = 0x0015
    static let xorRelayedAddress: UInt16 = 0x0016
    static let requestedAddressFamily: UInt16 = 0x0017
    static let requestedTransport: UInt16 = 0x0019
    static let xorMappedAddress: UInt16 = 0x0020
    static let priority: UInt16 = 0x0024
    static let useCandidate: UInt16 = 0x0025
    static let alternateDomain: UInt16 = 0x8003
    static let software: UInt16 = 0x8022
    static let alternateServer: UInt16 = 0x8023
    static let fingerprint: UInt16 = 0x8028
    static let iceControlled: UInt16 = 0x8029
    static let iceControlling: UInt16 = 0x802A
    static let otherAddress: UInt16 = 0x802C
  }
}

extension STUNAttribute {
  /// CHANGE-REQUEST: the server shall answer from its other port and, if `address` is true, from its other IP address
  /// as well (RFC 5780 section 7.2).
  ///
  /// This program only sends it. In a received message it is parsed as unknown, and a request with it is answered with
  /// 420.
  static func changeRequest(address: Bool) -> STUNAttribute {
    // The flags are 4 for "A: … the server SHOULD send the Binding Response with a different IP address" and 2 for "B:
    // … a different port".
    .unknown(type: Code.changeRequest, ByteBuffer(integer: UInt32(address ? 6 : 2)))
  }
}
