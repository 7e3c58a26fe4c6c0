/// Preparation and enforcement of a JID's parts: RFC 7622 sections 3.2 to 3.4 over the PRECIS classes of RFC 8264.
///
/// Enforced: lengths, the ASCII rules in full, letter case and fullwidth ASCII of localpart and domainpart, and the
/// disallowed general categories as Swift's own Unicode tables know them. Canonical equivalence (NFC) comes from
/// `String`, which compares and hashes by it. Not enforced in localparts and resourceparts, for want of tables:
/// compatibility characters (HasCompat), contextual rules, the bidi rule. The server, which must enforce them all, has the
/// last word on an address; here the parts guard our own comparisons. Of a domainpart ``IDNA`` checks the rest.
enum JIDPreparation {
  /// RFC 7622 section 3.1: "Each allowable portion of a JID … MUST NOT be more than 1023 octets in length".
  static let maximumOctets = 1023

  /// UsernameCaseMapped with the exclusions of RFC 7622 section 3.3.1.
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

  /// RFC 7622 section 3.2: an address literal or an internationalized domain name, without its final dot.
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
      // RFC 5890 section 2.3.1: a label is not empty, at most 63 octets, no hyphen first or last.
      guard !label.isEmpty, label.utf8.count <= 63 || !label.utf8.allSatisfy({ $0 < 0x80 }),
        label.utf8.first != UInt8(ascii: "-"), label.utf8.last != UInt8(ascii: "-")
      else { throw .malformedDomain }
    }
    return domain
  }

  /// OpaqueString (RFC 8265 section 4.2): case is kept, other spaces become U+0020.
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

  /// `[IPv6]`; its address is checked by whoever connects to it.
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

  /// RFC 8265 section 3.3.1: fullwidth code points are mapped to their decomposition (here those of ASCII).
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

  /// IdentifierClass (RFC 8264 section 4.2): ASCII7 and LetterDigits, less what the exceptions of section 9.6 forbid.
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
