import Jingle
import Peer

/// What the peer is told of a fault on our side of the call (XEP-0166 section 7.4).
extension JingleMapping {
  static func reason(for error: MappingError) -> Reason {
    switch error {
    case .security(let text): Reason(.securityError, text: text)
    case .incomplete(let text): Reason(.failedTransport, text: text)
    case .noCommonFormat(let kind, let skipped):
      Reason(
        .failedApplication,
        text: (kind == .video ? "VP8 is needed" : "a format for sound is needed")
          + (skipped.summary.map { " (\($0))" } ?? ""))
    }
  }

  package static func reason(for error: PeerError) -> Reason {
    switch error {
    case .connectivity: Reason(.connectivityError)
    case .noRelay: Reason(.connectivityError, text: "no TURN server gave a relay")
    case .handshakeTimeout: Reason(.connectivityError, text: "no answer to the DTLS handshake")
    case .security(let error): Reason(.securityError, text: "\(error)")
    case .closedByPeer: Reason(.success)
    }
  }
}
