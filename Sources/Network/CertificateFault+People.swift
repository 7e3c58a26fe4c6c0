extension CertificateFields.Fault {
  /// What is wrong with "it", the certificate.
  var cause: String {
    switch self {
    case .weakKey: "it has an RSA key of fewer than \(CertificateFields.minimumRSABits) bits, which can be broken"
    case .oddKey: "the length of its RSA key in bits is not a multiple of 8"
    case .authority: "it is made for a certificate authority (CA:TRUE), not for a server"
    case .notAuthority: "it may sign certificates (keyCertSign, nameConstraints), but is not an authority's (CA:FALSE)"
    case .criticalExtension: "it has a critical extension that is not known or must not be critical"
    case .serialNumber: "its serial number is longer than 20 octets"
    case .names: "its subjectAltName has an empty label, or is not critical though its subject is empty"
    case .nameConstraints: "its nameConstraints are empty, not critical, or have a period before a name"
    case .keyIdentifier: "its authorityKeyIdentifier has no keyid"
    case .informationAccess: "its authorityInfoAccess cannot be read"
    case .malformed: "it is malformed"
    }
  }

  /// How to make another, behind "made"; in the words of openssl(1).
  var cure: String {
    switch self {
    case .weakKey, .oddKey: "for an RSA key of 2048, 3072 or 4096 bits, or for one of ECDSA"
    case .authority: "for a server (CA:FALSE)"
    case .notAuthority: "either for a server (CA:FALSE) or for an authority (basicConstraints=critical,CA:TRUE)"
    case .criticalExtension: "without that extension"
    case .serialNumber: "with a shorter serial number"
    case .names: "with a subject, and a subjectAltName of the form DNS:xmpp.example.org"
    case .nameConstraints: "with nameConstraints of the form critical,permitted;DNS:example.org"
    case .keyIdentifier: "with authorityKeyIdentifier=keyid, or without any"
    case .informationAccess: "without authorityInfoAccess"
    case .malformed: "as X.509 version 3 has it, for example by openssl(1)"
    }
  }
}
