import NIOCore

/// A STUN or TURN server with a resolved address, after W3C's `RTCIceServer`.
package struct ICEServer: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case stun
    case turn(TURNCredentials)
  }

  package var kind: Kind
  package var address: SocketAddress
  package var relayProtocol: RelayProtocol
  /// The host name as it was configured, for which the certificate of a server reached by TLS has to be valid.
  package var name: String
  /// The URL for diagnostics (RFC 7064, RFC 7065). All addresses of a server share it.
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
