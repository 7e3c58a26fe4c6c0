import SRTP

/// Why a peer connection ended by itself.
package enum PeerError: Error, Equatable, Sendable {
  /// ICE found no path, or consent to send was lost (RFC 7675 section 5.1).
  case connectivity
  /// Policy `relay`, and no TURN server gave one.
  case noRelay
  /// There is a path, but the peer did not take its part in the DTLS handshake.
  case handshakeTimeout
  /// The DTLS handshake failed or the certificate was not the one that was signalled (RFC 5763 section 5).
  case security(DTLSError)
  /// The peer closed the DTLS association.
  case closedByPeer

  package var isSecurity: Bool {
    if case .security = self { true } else { false }
  }
}
