import NIOCore

/// A STUN or TURN server whose name has been resolved; W3C's `RTCIceServer`.
package struct ICEServer: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case stun
    case turn(TURNCredentials)
  }

  package var kind: Kind
  package var address: SocketAddress
  /// For diagnostics (RFC 7064, RFC 7065).
  package var url: String

  package init(kind: Kind, address: SocketAddress, url: String) {
    self.kind = kind
    self.address = address
    self.url = url
  }

  func isSameServer(as other: ICEServer) -> Bool {
    address == other.address && (kind == .stun) == (other.kind == .stun)
  }
}
