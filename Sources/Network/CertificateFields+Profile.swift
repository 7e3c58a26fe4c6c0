import XMPP

/// RFC 5280's profile, as far as BoringSSL does not hold certificates to it.
///
/// What the usual tools of private authorities make is left out: key identifiers that are absent and basicConstraints that
/// is not critical only guide or warn other readers, and "certificate users SHOULD be prepared to gracefully handle" a
/// serial number of zero (section 4.1.2.2).
extension CertificateFields {
  /// "Conforming CAs MUST NOT use serialNumber values longer than 20 octets" (section 4.1.2.2).
  private static let maximumSerialNumber = 20

  private static let subjectAlternativeName: [UInt8] = [0x55, 0x1D, 17]
  private static let authorityKeyIdentifier: [UInt8] = [0x55, 0x1D, 35]
  private static let authorityInformationAccess: [UInt8] = [0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01]

  /// What is against the profile of RFC 5280 in any certificate.
  var faultOfProfile: Fault? {
    // A positive number whose first octet is above 127 has a zero before it.
    if serialNumber.drop(while: { $0 == 0 }).count > Self.maximumSerialNumber { return .serialNumber }
    if let names = found(Self.subjectAlternativeName), !hasFormed(names) { return .names }
    if let access = found(Self.authorityInformationAccess), !Self.isFormed(access: access.value) {
      return .informationAccess
    }
    return nil
  }

  /// What is besides against the profile in the certificate of an authority.
  var faultOfAuthorityProfile: Fault? {
    if let constraints = found(Self.nameConstraints), !Self.isFormed(constraints: constraints) {
      return .nameConstraints
    }
    if let identifier = found(Self.authorityKeyIdentifier), !Self.hasKeyIdentifier(identifier.value) {
      return .keyIdentifier
    }
    return nil
  }

  /// "If the subject field contains an empty sequence, then the issuing CA MUST include a subjectAltName extension that
  /// is marked as critical" (section 4.2.1.6); a label has a character at least (RFC 1034 section 3.5).
  private func hasFormed(_ names: Extension) -> Bool {
    if subject.isEmpty && !names.isCritical { return false }
    guard let names = Self.values(in: names.value) else { return false }
    return names.allSatisfy { $0.tag != GeneralNameTag.dns || Self.hasLabels($0.contents) }
  }

  /// A server's name may have the root's dot at its end.
  private static func hasLabels(_ name: ArraySlice<UInt8>) -> Bool {
    let dot = UInt8(ascii: ".")
    return (name.last == dot ? name.dropLast() : name)
      .split(separator: dot, omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
  }

  /// "NameConstraints ::= SEQUENCE { permittedSubtrees [0] GeneralSubtrees OPTIONAL, excludedSubtrees [1] … }", which
  /// "MUST be critical", must not be empty, and has names as "host.example.com", whose subdomains are meant too, without
  /// a period before them (section 4.2.1.10).
  private static func isFormed(constraints: Extension) -> Bool {
    guard constraints.isCritical, let subtrees = values(in: constraints.value), !subtrees.isEmpty else { return false }
    return subtrees.allSatisfy { subtree in
      guard let bases = values(of: subtree.contents), !bases.isEmpty else { return false }
      return bases.allSatisfy { base in
        guard let name = values(of: base.contents)?.first else { return false }
        return name.tag != GeneralNameTag.dns || name.contents.first != UInt8(ascii: ".")
      }
    }
  }

  /// "The keyIdentifier field of the authorityKeyIdentifier extension MUST be included" (section 4.2.1.1).
  private static func hasKeyIdentifier(_ value: ArraySlice<UInt8>) -> Bool {
    values(in: value)?.first?.tag == 0x80
  }

  /// "AuthorityInfoAccessSyntax ::= SEQUENCE SIZE (1..MAX) OF AccessDescription", which is a SEQUENCE of an object
  /// identifier and a name (section 4.2.2.1).
  private static func isFormed(access value: ArraySlice<UInt8>) -> Bool {
    guard let descriptions = values(in: value), !descriptions.isEmpty else { return false }
    return descriptions.allSatisfy { description in
      guard description.tag == 0x30, let fields = values(of: description.contents) else { return false }
      return fields.count == 2 && fields[0].tag == 0x06
    }
  }

  // MARK: DER

  private enum GeneralNameTag {
    /// "dNSName [2] IA5String".
    static let dns: UInt8 = 0x82
  }

  private typealias Value = (tag: UInt8, contents: ArraySlice<UInt8>)

  /// What a SEQUENCE that is all of `bytes` consists of.
  private static func values(in bytes: ArraySlice<UInt8>) -> [Value]? {
    var rest = bytes
    guard let contents = DER.readValue(tag: 0x30, &rest), rest.isEmpty else { return nil }
    return values(of: contents)
  }

  private static func values(of contents: ArraySlice<UInt8>) -> [Value]? {
    var (rest, values) = (contents, [Value]())
    while let tag = rest.first {
      guard let contents = DER.readValue(tag: tag, &rest) else { return nil }
      values.append((tag, contents))
    }
    return values
  }
}
