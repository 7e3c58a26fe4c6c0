/// SASLprep (RFC 4013) for user names and passwords, as far as it is possible without Unicode normalization tables.
///
/// Mapping and prohibition are implemented, normalization (NFKC) is not. A password outside ASCII must therefore be
/// composed, as keyboards and terminals produce it.
enum SASLPreparation {
  /// Prepares a text.
  ///
  /// - Throws: `SASLError.prohibitedCredentials`.
  static func prepare(_ text: String) throws(SASLError) -> [UInt8] {
    var prepared = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .spaceSeparator: prepared.append(" ")
      // These characters are "commonly mapped to nothing" (RFC 3454 table B.1).
      case _ where mappedToNothing.contains(scalar.value): continue
      case .control, .surrogate, .privateUse, .lineSeparator, .paragraphSeparator, .format:
        throw .prohibitedCredentials
      case _ where scalar.properties.isNoncharacterCodePoint: throw .prohibitedCredentials
      default: prepared.append(scalar)
      }
    }
    guard !prepared.isEmpty else { throw .prohibitedCredentials }
    return Array(String(prepared).utf8)
  }

  private static let mappedToNothing: Set<UInt32> = [
    0x00AD, 0x034F, 0x1806, 0x180B, 0x180C, 0x180D, 0x200B, 0x200C, 0x200D, 0x2060, 0xFE00, 0xFE01, 0xFE02, 0xFE03,
    0xFE04, 0xFE05, 0xFE06, 0xFE07, 0xFE08, 0xFE09, 0xFE0A, 0xFE0B, 0xFE0C, 0xFE0D, 0xFE0E, 0xFE0F, 0xFEFF,
  ]
}
