import CSRTP

/// Why a packet could not be protected or unprotected.
package enum SRTPError: Error, Hashable, Sendable {
  /// The packet is shorter than a header and a tag, or its header has a wrong length.
  case malformed
  /// The tag does not match: the packet was altered or has another key.
  case authenticationFailed
  /// The sequence number was used before, or is too old to tell (RFC 3711 section 3.3.2).
  case replayed
  /// The packet's source is one more than a session may have.
  case tooManySources
  /// The master key has protected as many packets as it may (RFC 3711 section 9.2).
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
    case .malformed: "the packet is malformed"
    case .authenticationFailed: "the packet is not authentic"
    case .replayed: "the packet is a replay"
    case .tooManySources: "the session has too many sources"
    case .keyExpired: "the master key has expired"
    case .library(let status): "libsrtp2 failed with status \(status)"
    }
  }
}
