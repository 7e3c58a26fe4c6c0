/// The octets that are XML 1.0 characters (section 2.2) in UTF-8.
enum XMLCharacters {
  static func contains(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\t", "\n", "\r": true
    case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": false
    default: true
    }
  }

  static func areSound(_ octets: [UInt8]) -> Bool {
    // Octets that are all graphic ASCII characters, as most are, need not be decoded.
    if octets.allSatisfy({ 0x20...0x7F ~= $0 }) { return true }
    guard let text = String(validating: octets, as: UTF8.self) else { return false }
    return text.unicodeScalars.allSatisfy(contains)
  }

  /// Returns the octets without "&", which would begin a reference, and with U+FFFD for everything that is not a
  /// character.
  static func repaired(_ octets: [UInt8]) -> [UInt8] {
    var text = String.UnicodeScalarView()
    for scalar in String(decoding: octets, as: UTF8.self).unicodeScalars {
      text.append(contains(scalar) && scalar != "&" ? scalar : "\u{FFFD}")
    }
    return Array(String(text).utf8)
  }

  /// Removes and returns the trailing octets that may begin a character (RFC 3629 section 3).
  static func removeUnfinished(from octets: inout [UInt8]) -> [UInt8] {
    for count in 1...3 where count <= octets.count {
      let octet = octets[octets.count - count]
      if octet & 0xC0 == 0x80 { continue }
      let length = octet >= 0xF0 ? 4 : octet >= 0xE0 ? 3 : octet >= 0xC0 ? 2 : 1
      guard length > count else { return [] }
      defer { octets.removeLast(count) }
      return Array(octets.suffix(count))
    }
    return []
  }

  // MARK: References (XML 1.0 section 4.1)

  /// The greatest length of a reference; no character needs a longer one, except with leading zeros.
  private static let referenceBytes = 16

  /// Whether each `&` has its `;`. Without it, libxml2 would read everything up to the next one as a reference.
  static func haveWholeReferences(_ octets: [UInt8]) -> Bool {
    var rest = octets[...]
    while let start = rest.firstIndex(of: UInt8(ascii: "&")) {
      guard let end = octets[start...].prefix(referenceBytes).firstIndex(of: UInt8(ascii: ";")) else { return false }
      rest = octets[end...]
    }
    return true
  }

  /// Removes and returns the trailing octets that may begin a reference.
  static func removeUnfinishedReference(from octets: inout [UInt8]) -> [UInt8] {
    let tail = octets.suffix(referenceBytes)
    guard let start = tail.lastIndex(of: UInt8(ascii: "&")), !octets[start...].contains(UInt8(ascii: ";")) else {
      return []
    }
    defer { octets.removeSubrange(start...) }
    return Array(octets[start...])
  }
}
