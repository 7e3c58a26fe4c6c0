import Crypto

extension ChannelBinding {
  /// Makes a `tls-server-end-point` binding (RFC 5929 section 4.1): the hash of the certificate by the hash function of
  /// its signature, or by SHA-256 if that is MD5 or SHA-1. Returns nil if the signature has no single hash function
  /// (Ed25519) or states it in parameters (RSASSA-PSS), or if `certificate` is not a DER certificate.
  package static func serverEndPoint(certificate: [UInt8]) -> ChannelBinding? {
    hash(certificate).map { .serverEndPoint($0) }
  }

  private static func hash(_ certificate: [UInt8]) -> [UInt8]? {
    // RFC 5280 section 4.1: Certificate ::= SEQUENCE { tbsCertificate SEQUENCE, signatureAlgorithm SEQUENCE { OBJECT
    // IDENTIFIER, … }, … }
    var rest = certificate[...]
    guard var outer = DER.readValue(tag: 0x30, &rest), DER.readValue(tag: 0x30, &outer) != nil,
      var algorithm = DER.readValue(tag: 0x30, &outer), let identifier = DER.readValue(tag: 0x06, &algorithm)
    else { return nil }
    return switch Array(identifier) {
    // RFC 8017 appendix A.2.4: these are 1.2.840.113549.1.1.n with MD5, SHA-1 and SHA-256.
    case rsa + [4], rsa + [5], rsa + [11]: Array(SHA256.hash(data: certificate))
    case rsa + [12]: Array(SHA384.hash(data: certificate))
    case rsa + [13]: Array(SHA512.hash(data: certificate))
    // RFC 5758 section 3.2: these are 1.2.840.10045.4 with SHA-1 and SHA-2.
    case ecdsa + [1], ecdsa + [3, 2]: Array(SHA256.hash(data: certificate))
    case ecdsa + [3, 3]: Array(SHA384.hash(data: certificate))
    case ecdsa + [3, 4]: Array(SHA512.hash(data: certificate))
    default: nil
    }
  }

  private static let rsa: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01]
  private static let ecdsa: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04]
}
