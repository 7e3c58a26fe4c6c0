import CSRTP

/// Why a packet could not be protected or was refused.
package enum SRTPError: Error, Hashable, Sendable {
  /// Shorter than a header and a tag, or its header lies about its length.
  case malformed
  /// The tag does not fit: tampered with, or under another key.
  case authenticationFailed
  /// A sequence number for the second time, or too old to tell (RFC 3711 section 3.3.2).
  case replayed
  /// An authentic packet of yet another source, of which there are enough.
  case tooManySources
  /// So many packets that the master key may not be used any longer (RFC 3711 section 9.2).
  case keyExpired
  /// libsrtp2 failed with this status.
  case library(UInt32)

  init(_ status: srtp_err_status_t) {
    self =
      switch status {
      case srtp_err_status_bad_param, srtp_err_status_parse_err: .malformed
      case srtp_err_status_auth_fail, srtp_err_status_cipher_fail: .authenticationFailed
      case srtp_err_status_replay_fail, srtp_err_status_replay_old: .replayed
      case srtp_err_status_key_expired: .keyExpired
      default: .library(status.rawValue)
      }
  }
}

extension SRTPError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .malformed: "a malformed packet"
    case .authenticationFailed: "a packet that is not authentic"
    case .replayed: "a packet that was here before"
    case .tooManySources: "too many sources"
    case .keyExpired: "the key has expired"
    case .library(let status): "libsrtp status \(status)"
    }
  }
}
