import CIDN2

/// Internationalized domain names (RFC 5890): U-labels for users and JIDs, A-labels for DNS, TLS and certificates.
package enum IDNA {
  /// Converts a host name to A-labels, mapping what users type by UTS #46. A name that is not internationalized, or not
  /// a valid one, is returned unchanged.
  package static func ascii(_ name: String) -> String {
    isASCII(name) ? name : convert(name) { idn2_to_ascii_8z($0, $1, flags(IDN2_NONTRANSITIONAL)) } ?? name
  }

  /// Converts a lower-case domain name to U-labels; returns nil if a label outside ASCII has no A-label under IDNA
  /// 2008. A name with a label that only looks like an A-label (a "fake A-label", RFC 5890 section 2.3.1) is returned
  /// unchanged.
  static func unicode(_ name: String) -> String? {
    guard !isASCII(name) || name.contains("xn--") else { return name }
    let ascii = convert(name) { idn2_to_ascii_8z($0, $1, flags(IDN2_NFC_INPUT) | flags(IDN2_NO_TR46)) }
    guard let ascii else { return isASCII(name) ? name : nil }
    return convert(ascii) { idn2_to_unicode_8z8z($0, $1, 0) }
  }

  private static func convert(
    _ name: String, _ function: (UnsafePointer<CChar>, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt
  ) -> String? {
    var converted: UnsafeMutablePointer<CChar>?
    guard function(name, &converted) == IDN2_OK.rawValue, let converted else { return nil }
    defer { idn2_free(converted) }
    return String(cString: converted)
  }

  private static func flags(_ flags: idn2_flags) -> CInt { CInt(flags.rawValue) }

  private static func isASCII(_ name: String) -> Bool { name.utf8.allSatisfy { $0 < 0x80 } }
}
