import Crypto
import CryptoExtras

/// The hash function of a SCRAM mechanism, the weakest first: SHA-1 (RFC 5802), SHA-256 (RFC 7677), and SHA-512 as in
/// IANA's registry of SASL mechanisms.
package enum SCRAMHash: String, CaseIterable, Hashable, Sendable {
  case sha1 = "SCRAM-SHA-1"
  case sha256 = "SCRAM-SHA-256"
  case sha512 = "SCRAM-SHA-512"

  func digest(_ bytes: [UInt8]) -> [UInt8] {
    switch self {
    case .sha1: Array(Insecure.SHA1.hash(data: bytes))
    case .sha256: Array(SHA256.hash(data: bytes))
    case .sha512: Array(SHA512.hash(data: bytes))
    }
  }

  func hmac(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    let key = SymmetricKey(data: key)
    return switch self {
    case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: key))
    case .sha256: Array(HMAC<SHA256>.authenticationCode(for: message, using: key))
    case .sha512: Array(HMAC<SHA512>.authenticationCode(for: message, using: key))
    }
  }

  /// Compares in constant time.
  func isValid(_ code: [UInt8], key: [UInt8], _ message: [UInt8]) -> Bool {
    let key = SymmetricKey(data: key)
    return switch self {
    case .sha1: HMAC<Insecure.SHA1>.isValidAuthenticationCode(code, authenticating: message, using: key)
    case .sha256: HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: message, using: key)
    case .sha512: HMAC<SHA512>.isValidAuthenticationCode(code, authenticating: message, using: key)
    }
  }

  /// The function `Hi()` of RFC 5802 section 2.2, which is PBKDF2; returns nil if it fails.
  func saltedPassword(_ password: [UInt8], salt: [UInt8], iterations: Int) -> [UInt8]? {
    let (hash, length): (KDF.Insecure.PBKDF2.HashFunction, Int) =
      switch self {
      case .sha1: (.insecureSHA1, Insecure.SHA1.byteCount)
      case .sha256: (.sha256, SHA256.byteCount)
      case .sha512: (.sha512, SHA512.byteCount)
      }
    let key = try? KDF.Insecure.PBKDF2.deriveKey(
      from: password, salt: salt, using: hash, outputByteCount: length, unsafeUncheckedRounds: iterations)
    return key?.withUnsafeBytes { Array($0) }
  }
}
