import NIOCore

/// A candidate: a transport address at which one side may be reachable (RFC 8445 section 5.1).
package struct ICECandidate: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case host
    case serverReflexive
    case peerReflexive
    case relayed

    /// "The RECOMMENDED values for type preferences" (RFC 8445 section 5.1.2.2).
    package var typePreference: UInt32 {
      switch self {
      case .host: 126
      case .peerReflexive: 110
      case .serverReflexive: 100
      case .relayed: 0
      }
    }
  }

  package var foundation: String
  package var component: UInt16
  package var priority: UInt32
  package var address: SocketAddress
  package var kind: Kind
  package var relatedAddress: SocketAddress?
  /// The protocol between us and the TURN server of a candidate of ours whose base is a relay. It is not signalled.
  package var relayProtocol: RelayProtocol?

  package init(
    foundation: String, component: UInt16 = 1, priority: UInt32, address: SocketAddress, kind: Kind,
    relatedAddress: SocketAddress? = nil, relayProtocol: RelayProtocol? = nil
  ) {
    self.foundation = foundation
    self.component = component
    self.priority = priority
    self.address = address
    self.kind = kind
    self.relatedAddress = relatedAddress
    self.relayProtocol = relayProtocol
  }

  /// Computes the priority of a candidate of component 1 (RFC 8445 section 5.1.2.1).
  package static func priority(of kind: Kind, localPreference: UInt16) -> UInt32 {
    kind.typePreference << 24 | UInt32(localPreference) << 8 | 255
  }

  /// The value of PRIORITY: the priority of a peer-reflexive candidate that a check of this one may reveal (RFC 8445
  /// section 7.1.1).
  var peerReflexivePriority: UInt32 {
    Kind.peerReflexive.typePreference << 24 | priority & 0x00FF_FFFF
  }
}
