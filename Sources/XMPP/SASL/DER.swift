/// The Distinguished Encoding Rules, as far as certificates need them (X.690).
package enum DER {
  /// Reads a DER value with this tag (X.690 section 8.1) from the beginning of `bytes`; returns nil if there is none.
  package static func readValue(tag: UInt8, _ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard bytes.popFirst() == tag, let first = bytes.popFirst() else { return nil }
    var length = Int(first)
    if first >= 0x80 {
      let octets = Int(first & 0x7F)
      guard (1...3).contains(octets), bytes.count >= octets else { return nil }
      length = bytes.prefix(octets).reduce(0) { $0 << 8 | Int($1) }
      bytes = bytes.dropFirst(octets)
    }
    guard bytes.count >= length else { return nil }
    defer { bytes = bytes.dropFirst(length) }
    return bytes.prefix(length)
  }
}
