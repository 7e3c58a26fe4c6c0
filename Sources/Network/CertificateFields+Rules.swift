import XMPP

/// What BoringSSL does not mind in a chain that it has verified.
extension CertificateFields {
  /// What is wrong with a certificate; the cases are told apart by what a person can do about it.
  package enum Fault: Hashable, Sendable {
    /// Its key can be broken.
    case weakKey
    /// Its RSA key is of a length that no authority signs.
    case oddKey
    /// An authority's, presented as a server's.
    case authority
    /// What authorities alone may have, in one that is none.
    case notAuthority
    /// A critical extension that is not known here, or that must not be critical.
    case criticalExtension
    /// Its serial number is longer than readers have room for.
    case serialNumber
    /// It has names that are none, or that only a critical extension may stand for.
    case names
    /// The names that it constrains are not written as such, or may be passed over.
    case nameConstraints
    /// It says that it tells its issuer's key, and does not.
    case keyIdentifier
    /// Where more is to be found about its issuer cannot be read.
    case informationAccess
    /// It cannot be read as a certificate of X.509 version 3.
    case malformed
  }

  /// What the CA/Browser Forum's baseline requirements ask for (section 6.1.5); BoringSSL takes shorter ones.
  static let minimumRSABits = 2048

  /// What is wrong with a server's certificate, whose critical extensions BoringSSL has looked at.
  ///
  /// One that is self-issued was trusted for being in the list of authorities itself, and may say of itself what it
  /// likes: "this specification does not apply to self-signed end entity certificates" (RFC 6818 section 2), and
  /// openssl-req(1) and `prosodyctl cert generate` make them with CA:TRUE. Any other that may sign certificates is
  /// meant to be kept under lock and key, and not on a server that faces the Internet.
  var faultOfServer: Fault? {
    if let faultOfKey { return faultOfKey }
    guard !issuer.elementsEqual(subject) else { return nil }
    if isAuthority { return .authority }
    return hasAuthorityRights ? .notAuthority : faultOfProfile
  }

  /// What is wrong with a certificate in the user's own list of authorities, which may be a server's own: what authorities
  /// alone must be is asked of those that say that they sign others.
  var faultOfAnchor: Fault? {
    if let faultOfKey { return faultOfKey }
    if signsCertificates {
      if !isAuthority { return .notAuthority }
      if let fault = faultOfProfile ?? faultOfAuthorityProfile { return fault }
    }
    let isUnknown = extensions.contains { $0.isCritical && !Self.mayBeCritical.contains(Array($0.identifier)) }
    return isUnknown ? .criticalExtension : nil
  }

  // MARK: Extensions

  private static let keyUsage: [UInt8] = [0x55, 0x1D, 15]
  private static let basicConstraints: [UInt8] = [0x55, 0x1D, 19]
  static let nameConstraints: [UInt8] = [0x55, 0x1D, 30]
  /// The extensions of RFC 5280 section 4.2.1 that it does not demand to be non-critical: besides the three, subjectAltName,
  /// certificatePolicies, policyMappings, policyConstraints, extKeyUsage and inhibitAnyPolicy.
  private static let mayBeCritical: Set<[UInt8]> = Set(
    [15, 17, 19, 30, 32, 33, 36, 37, 54].map { [0x55, 0x1D, $0] })

  func found(_ identifier: [UInt8]) -> Extension? { extensions.first { $0.identifier.elementsEqual(identifier) } }

  private func value(of identifier: [UInt8]) -> ArraySlice<UInt8>? { found(identifier)?.value }

  /// "BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, … }".
  private var isAuthority: Bool {
    guard var value = value(of: Self.basicConstraints), var fields = DER.readValue(tag: 0x30, &value) else {
      return false
    }
    return fields.first == 0x01 && DER.readValue(tag: 0x01, &fields)?.first != 0
  }

  /// "KeyUsage ::= BIT STRING { …, keyCertSign (5), … }", after the number of unused bits.
  private var signsCertificates: Bool {
    guard var value = value(of: Self.keyUsage), let bits = DER.readValue(tag: 0x03, &value) else { return false }
    return bits.dropFirst().first.map { $0 & 0x80 >> 5 != 0 } ?? false
  }

  /// "If the cA boolean is not asserted, then the keyCertSign bit … MUST NOT be asserted" (RFC 5280 section 4.2.1.9);
  /// name constraints "MUST be used only in a CA certificate" (section 4.2.1.10).
  private var hasAuthorityRights: Bool { signsCertificates || value(of: Self.nameConstraints) != nil }

  // MARK: The key

  /// "the modulus size, when encoded, is at least 2048 bits, and the modulus size, in bits, is evenly divisible by 8"
  /// (CA/Browser Forum, section 6.1.5).
  private var faultOfKey: Fault? {
    guard let rsaKeyBits else { return nil }
    if rsaKeyBits < Self.minimumRSABits { return .weakKey }
    return rsaKeyBits % 8 == 0 ? nil : .oddKey
  }

  /// The length of the modulus; nil where the key is not RSA's.
  private var rsaKeyBits: Int? {
    // SubjectPublicKeyInfo ::= SEQUENCE { SEQUENCE { OBJECT IDENTIFIER, NULL }, BIT STRING { RSAPublicKey } }, and
    // RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER } (RFC 8017 appendix A.1.1).
    var info = publicKey
    guard
      var algorithm = DER.readValue(tag: 0x30, &info), let identifier = DER.readValue(tag: 0x06, &algorithm),
      identifier.elementsEqual([0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]),
      var bits = DER.readValue(tag: 0x03, &info), bits.popFirst() == 0, var key = DER.readValue(tag: 0x30, &bits),
      let modulus = DER.readValue(tag: 0x02, &key)?.drop(while: { $0 == 0 })
    else { return nil }
    return modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
  }
}
