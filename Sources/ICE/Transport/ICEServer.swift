import NIOCore

/// A STUN or TURN server whose name has been resolved; W3C's `RTCIceServer`.
package struct ICEServer: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case stun
    case turn(TURNCredentials)
  }

  package var kind: Kind
  package var address: SocketAddress
  package var relayProtocol: RelayProtocol
  /// The host as it was named, which the certificate of a server must be for that is reached by TLS.
  package var name: String
  /// For diagnostics (RFC 7064, RFC 7065); two addresses of one server have it in common.
  package var url: String

  package init(
    kind: Kind, address: SocketAddress, relayProtocol: RelayProtocol = .udp, name: String = "", url: String
  ) {
    self.kind = kind
    self.address = address
    self.relayProtocol = relayProtocol
    self.name = name
    self.url = url
  }

  func isSameServer(as other: ICEServer) -> Bool {
    address == other.address && relayProtocol == other.relayProtocol && (kind == .stun) == (other.kind == .stun)
  }
}
