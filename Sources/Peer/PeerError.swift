import SRTP

/// Why a peer connection failed.
package enum PeerError: Error, Equatable, Sendable {
  /// ICE found no path, or consent has expired (RFC 7675 section 5.1).
  case connectivity
  /// The policy is `relay`, and no TURN server provided a relay.
  case noRelay
  /// There is a path, but the peer did not complete the DTLS handshake in time.
  case handshakeTimeout
  /// The DTLS handshake failed, or the certificate did not match a signalled fingerprint (RFC 5763 section 5).
  case security(DTLSError)
  /// The peer closed the DTLS association.
  case closedByPeer

  package var isSecurity: Bool {
    if case .security = self { true } else { false }
  }
}
