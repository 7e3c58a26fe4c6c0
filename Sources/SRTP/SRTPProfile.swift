import COpenSSL
import CSRTP

/// An SRTP protection profile, with its number in the `use_srtp` extension (RFC 5764 section 4.1.2, RFC 7714 section
/// 14.2).
package enum SRTPProfile: UInt16, CaseIterable, Sendable {
  case aes128CMHMACSHA1x80 = 0x0001
  case aeadAES128GCM = 0x0007
  case aeadAES256GCM = 0x0008

  /// All profiles, the cheapest first: in libsrtp2 AES-CM with SHA-1 costs five times as much as AES-GCM.
  package static let preferred: [SRTPProfile] = [.aeadAES128GCM, .aeadAES256GCM, .aes128CMHMACSHA1x80]

  /// The length of the master key in bytes.
  package var keyLength: Int {
    switch self {
    case .aes128CMHMACSHA1x80, .aeadAES128GCM: 16
    case .aeadAES256GCM: 32
    }
  }

  /// The length of the master salt in bytes: 112 bits (RFC 3711 section 8.2) or 96 bits (RFC 7714 section 12).
  package var saltLength: Int {
    switch self {
    case .aes128CMHMACSHA1x80: 14
    case .aeadAES128GCM, .aeadAES256GCM: 12
    }
  }

  /// The length of the authentication tag behind a packet in bytes.
  package var tagLength: Int {
    switch self {
    case .aes128CMHMACSHA1x80: 10
    case .aeadAES128GCM, .aeadAES256GCM: 16
    }
  }

  /// The name that `SSL_set_tlsext_use_srtp` expects.
  var openSSLName: String {
    switch self {
    case .aes128CMHMACSHA1x80: "SRTP_AES128_CM_SHA1_80"
    case .aeadAES128GCM: "SRTP_AEAD_AES_128_GCM"
    case .aeadAES256GCM: "SRTP_AEAD_AES_256_GCM"
    }
  }

  var libraryProfile: srtp_profile_t {
    switch self {
    case .aes128CMHMACSHA1x80: srtp_profile_aes128_cm_sha1_80
    case .aeadAES128GCM: srtp_profile_aead_aes_128_gcm
    case .aeadAES256GCM: srtp_profile_aead_aes_256_gcm
    }
  }
}
