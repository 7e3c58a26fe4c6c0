extension CertificateFields.Fault {
  /// What is wrong with "it", the certificate.
  var cause: String {
    switch self {
    case .weakKey: "it has an RSA key of fewer than \(CertificateFields.minimumRSABits) bits, which can be broken"
    case .authority: "it is made for a certificate authority (CA:TRUE), not for a server"
    case .notAuthority: "it may sign certificates (keyCertSign, nameConstraints) and is no authority's (CA:FALSE)"
    case .criticalExtension: "it has a critical extension that is not known or must not be critical"
    case .malformed: "it is malformed"
    }
  }
}
