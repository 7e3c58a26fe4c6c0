import CIDN2

/// Internationalized domain names, RFC 5890: U-labels for people and JIDs, A-labels for DNS, TLS and certificates.
package enum IDNA {
  /// The name of a host as DNS, TLS and certificates spell it, mapped as UTS #46 maps what people type. What is no
  /// internationalized name, or a wrong one, is returned as it is.
  package static func ascii(_ name: String) -> String {
    isASCII(name) ? name : convert(name) { idn2_to_ascii_8z($0, $1, flags(IDN2_NONTRANSITIONAL)) } ?? name
  }

  /// A lowercase domain name in U-labels; nil where it has a label outside ASCII that IDNA 2008 gives no A-label. A label that
  /// looks like an A-label and is none (a "fake A-label", RFC 5890 section 2.3.1) leaves the name as it is.
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
