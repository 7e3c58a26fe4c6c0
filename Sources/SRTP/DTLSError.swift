/// Why a DTLS association cannot be made or came to its end, or a fingerprint could not be read.
package enum DTLSError: Error, Hashable, Sendable {
  /// The fingerprint's text is not pairs of hexadecimal digits joined by colons, or not as many as its hash function gives.
  case malformedFingerprint
  /// The fingerprint's hash function is none of SHA-256, SHA-384 and SHA-512.
  case unsupportedHashFunction
  /// The signalling told no fingerprint: nothing could ever vouch for the peer.
  case noFingerprint
  /// The peer's certificate has none of the fingerprints that the signalling promised: somebody else answers.
  case fingerprintMismatch
  /// The peer presented no certificate.
  case noPeerCertificate
  /// The peer agreed to none of our SRTP protection profiles.
  case noCommonProfile
  /// The peer does not bind its keys to the handshake (RFC 7627).
  case noExtendedMasterSecret
  /// Our flight went unanswered, however often it was repeated.
  case timedOut
  /// The peer ended the association with this alert (RFC 5246 section 7.2).
  case alert(UInt8)
  /// The handshake broke; the text is OpenSSL's.
  case handshake(String)
  /// OpenSSL refused a call that has no reason to fail, short of memory running out.
  case library(String)
}

extension DTLSError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .malformedFingerprint: "the fingerprint cannot be read"
    case .unsupportedHashFunction: "the fingerprint's hash function is not supported"
    case .noFingerprint: "there is no fingerprint"
    case .fingerprintMismatch: "the certificate does not have the fingerprint"
    case .noPeerCertificate: "there is no certificate"
    case .noCommonProfile: "no SRTP protection profile in common"
    case .noExtendedMasterSecret: "no extended master secret"
    case .timedOut: "no answer"
    case .alert(let code): "alert \(code)"
    case .handshake(let reason), .library(let reason): reason
    }
  }
}
