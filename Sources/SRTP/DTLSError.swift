/// Why a DTLS association could not be made or ended, or why a fingerprint could not be read.
package enum DTLSError: Error, Hashable, Sendable {
  /// The text of the fingerprint is not pairs of hexadecimal digits joined by colons, or has not the length of its hash
  /// function.
  case malformedFingerprint
  /// The hash function of the fingerprint is none of SHA-256, SHA-384 and SHA-512.
  case unsupportedHashFunction
  /// The signalling carried no fingerprint, so that the peer cannot be authenticated.
  case noFingerprint
  /// The peer's certificate matches none of the signalled fingerprints: somebody else answered.
  case fingerprintMismatch
  /// The peer presented no certificate.
  case noPeerCertificate
  /// The peer agreed to none of our SRTP protection profiles.
  case noCommonProfile
  /// The peer does not bind its keys to the handshake (RFC 7627).
  case noExtendedMasterSecret
  /// Our flight got no answer, although it was repeated.
  case timedOut
  /// The peer ended the association with this alert code (RFC 5246 section 7.2).
  case alert(UInt8)
  /// The handshake failed; the text is OpenSSL's.
  case handshake(String)
  /// An OpenSSL call failed that fails only when memory runs out.
  case library(String)
}

extension DTLSError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .malformedFingerprint: "the certificate fingerprint is malformed"
    case .unsupportedHashFunction: "the fingerprint's hash function is not supported"
    case .noFingerprint: "no certificate fingerprint was signalled"
    case .fingerprintMismatch: "the certificate does not match the signalled fingerprint"
    case .noPeerCertificate: "the peer presented no certificate"
    case .noCommonProfile: "there is no SRTP protection profile in common"
    case .noExtendedMasterSecret: "the peer does not support the extended master secret"
    case .timedOut: "the DTLS handshake timed out"
    case .alert(let code): "the peer sent DTLS alert \(code)"
    case .handshake(let reason), .library(let reason): reason
    }
  }
}
