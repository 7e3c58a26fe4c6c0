/// The preparation and enforcement of the parts of a JID: RFC 7622 sections 3.2 to 3.4, based on the PRECIS classes of
/// RFC 8264.
///
/// The lengths, all rules for ASCII, the letter case and fullwidth ASCII of localpart and domainpart, and the
/// disallowed general categories are enforced, the latter by Swift's Unicode tables. Canonical equivalence (NFC) is
/// provided by `String`, which compares and hashes by it. For lack of tables, compatibility characters (HasCompat),
/// contextual rules and the bidi rule are not enforced in localparts and resourceparts. The server, which has to
/// enforce all rules, decides about an address in the end; here the rules protect our own comparisons. ``IDNA`` checks
/// the rest of a domainpart.
enum JIDPreparation {
  /// RFC 7622 section 3.1: "Each allowable portion of a JID … MUST NOT be more than 1023 octets in length".
  static let maximumOctets = 1023

  /// Enforces UsernameCaseMapped with the exclusions of RFC 7622 section 3.3.1.
  ///
  /// - Throws: `JIDError`.
  static func local(_ text: String) throws(JIDError) -> String {
    var prepared = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let scalar = narrowed(scalar)
      guard isIdentifier(scalar), !excludedFromLocal.contains(scalar) else {
        throw .disallowed(scalar, in: .local)
      }
      prepared.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
    }
    return try bounded(String(prepared), .local)
  }

  /// Enforces the domainpart, an address literal or a domain name, whose final dot is removed (RFC 7622 section 3.2).
  ///
  /// - Throws: `JIDError`.
  static func domain(_ text: String) throws(JIDError) -> String {
    if text.utf8.first == UInt8(ascii: "[") { return try addressLiteral(text) }
    var prepared = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let scalar = narrowed(scalar)
      guard scalar.isASCII ? isHostName(scalar) : isIdentifier(scalar) else {
        throw .disallowed(scalar, in: .domain)
      }
      prepared.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
    }
    if prepared.last == "." { prepared.removeLast() }
    let domain = try bounded(String(prepared), .domain)
    for label in domain.split(separator: ".", omittingEmptySubsequences: false) {
      // A label is not empty, has at most 63 octets, and neither begins nor ends with a hyphen (RFC 5890 section
      // 2.3.1).
      guard !label.isEmpty, label.utf8.count <= 63 || !label.utf8.allSatisfy({ $0 < 0x80 }),
        label.utf8.first != UInt8(ascii: "-"), label.utf8.last != UInt8(ascii: "-")
      else { throw .malformedDomain }
    }
    return domain
  }

  /// Enforces OpaqueString (RFC 8265 section 4.2): the case is kept, and other spaces become U+0020.
  ///
  /// - Throws: `JIDError`.
  static func resource(_ text: String) throws(JIDError) -> String {
    var prepared = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .surrogate, .privateUse, .lineSeparator, .paragraphSeparator:
        throw .disallowed(scalar, in: .resource)
      case .spaceSeparator:
        prepared.append(" ")
      case _ where scalar.properties.isNoncharacterCodePoint:
        throw .disallowed(scalar, in: .resource)
      default:
        prepared.append(scalar)
      }
    }
    return try bounded(String(prepared), .resource)
  }

  /// Enforces the form `[IPv6]`. The address itself is checked when a connection is opened to it.
  private static func addressLiteral(_ text: String) throws(JIDError) -> String {
    let inside = text.utf8.dropFirst().dropLast()
    let isAddress = inside.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
        UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: ":"), UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard text.utf8.last == UInt8(ascii: "]"), inside.count >= 2, isAddress else { throw .malformedDomain }
    return try bounded(text.lowercased(), .domain)
  }

  private static func bounded(_ text: String, _ part: JID.Part) throws(JIDError) -> String {
    guard !text.isEmpty else { throw .empty(part) }
    guard text.utf8.count <= maximumOctets else { throw .tooLong(part) }
    return text
  }

  /// RFC 7622 section 3.3.1: "the following characters are explicitly disallowed in XMPP localparts".
  private static let excludedFromLocal: Set<Unicode.Scalar> = ["\"", "&", "'", "/", ":", "<", ">", "@"]

  /// Maps a fullwidth ASCII code point to its decomposition (RFC 8265 section 3.3.1).
  private static func narrowed(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    guard (0xFF01...0xFF5E).contains(scalar.value) else { return scalar }
    return Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
  }

  private static func isHostName(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", ".": true
    default: false
    }
  }

  /// Whether the IdentifierClass (RFC 8264 section 4.2) allows the code point: ASCII7 and LetterDigits with the
  /// exceptions of section 9.6.
  private static func isIdentifier(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return (0x21...0x7E).contains(scalar.value) }
    switch scalar.value {
    case 0x00B7, 0x0375, 0x05F3, 0x05F4, 0x06FD, 0x06FE, 0x0F0B, 0x3007, 0x30FB: return true
    case 0x0640, 0x07FA, 0x302E, 0x302F, 0x3031...0x3035, 0x303B: return false
    default: break
    }
    if scalar.properties.isDefaultIgnorableCodePoint { return scalar.properties.isJoinControl }
    switch scalar.properties.generalCategory {
    case .lowercaseLetter, .uppercaseLetter, .otherLetter, .decimalNumber, .modifierLetter, .nonspacingMark,
      .spacingMark:
      return true
    default: return false
    }
  }
}
