import NIOSSL
import XMPP

extension NIOSSLCertificate {
  /// What the CA/Browser Forum's baseline requirements ask for (section 6.1.5); BoringSSL takes shorter ones.
  package static let minimumRSABits = 2048

  /// False: the key is RSA's, and too short.
  var isStrong: Bool { rsaKeyBits.map { $0 >= Self.minimumRSABits } ?? true }

  /// The length of the modulus; nil where the key is not RSA's.
  private var rsaKeyBits: Int? {
    // SubjectPublicKeyInfo ::= SEQUENCE { SEQUENCE { OBJECT IDENTIFIER, NULL }, BIT STRING { RSAPublicKey } }, and
    // RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER } (RFC 5280 section 4.1, RFC 8017 appendix A.1.1).
    guard var rest = try? extractPublicKey().toSPKIBytes()[...], var info = DER.readValue(tag: 0x30, &rest),
      var algorithm = DER.readValue(tag: 0x30, &info), let identifier = DER.readValue(tag: 0x06, &algorithm),
      identifier.elementsEqual([0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]),
      var bits = DER.readValue(tag: 0x03, &info), bits.popFirst() == 0, var key = DER.readValue(tag: 0x30, &bits),
      let modulus = DER.readValue(tag: 0x02, &key)?.drop(while: { $0 == 0 })
    else { return nil }
    return modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
  }
}
