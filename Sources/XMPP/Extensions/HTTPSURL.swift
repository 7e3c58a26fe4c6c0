/// The URL of a resource that is read or written by HTTP over TLS (RFC 9110 section 4.2.2, RFC 3986). Other schemes are
/// refused: without TLS anybody on the path could read the data.
package struct HTTPSURL: Hashable, Sendable, CustomStringConvertible {
  /// The greatest length in bytes: RFC 9110 section 4.1 recommends "to support, at a minimum, URIs with lengths of 8000
  /// octets".
  static let maximumLength = 8000

  /// The host name, or the IP address without brackets.
  package let host: String
  package let port: Int
  /// The path and query, as the request contains them (RFC 9112 section 3.2.1).
  package let target: String
  /// The host and port, as the request contains them (RFC 3986 section 3.2).
  package let authority: String
  package let description: String

  /// Parses a URL; returns nil if it is malformed, too long, or contains a user name, which RFC 9110 section 4.2.4
  /// treats as an attack.
  package init?(_ text: String) {
    let scheme = "https://"
    guard text.utf8.count <= Self.maximumLength, text.prefix(scheme.count).lowercased() == scheme else { return nil }
    let rest = text.dropFirst(scheme.count)
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    // A server whose name is configured in U-labels writes it like that, although URIs do not allow it (RFC 3986
    // section 3.2.2).
    let authority = IDNA.ascii(String(rest[..<end]))
    let target = String(rest[end...])
    guard (authority + target).utf8.allSatisfy(Self.isAllowed), let (host, port) = Self.split(authority[...]) else {
      return nil
    }
    self.host = host
    self.port = port ?? 443
    self.authority = authority
    self.target = target.hasPrefix("/") ? target : "/" + target
    description = text
  }

  /// Whether a URL may contain the character (RFC 3986 section 2). "#" is refused, since a fragment is never sent.
  private static func isAllowed(_ character: UInt8) -> Bool {
    (0x21...0x7e).contains(character) && !"\"#<>\\^`{|}".utf8.contains(character)
  }

  private static func split(_ authority: Substring) -> (host: String, port: Int?)? {
    var (host, port) = (authority, Substring?.none)
    let colon = authority.lastIndex(of: ":")
    if let colon, !authority.hasSuffix("]") {
      (host, port) = (authority[..<colon], authority[authority.index(after: colon)...])
    }
    let isIPv6 = host.hasPrefix("[") && host.hasSuffix("]")
    if isIPv6 { host = host.dropFirst().dropLast() }
    guard !host.isEmpty, host.allSatisfy({ isIPv6 ? $0.isHexDigit || ":.".contains($0) : isName($0) }) else {
      return nil
    }
    guard let port else { return (String(host), nil) }
    guard port.allSatisfy(\.isNumber), let number = UInt16(port), number > 0 else { return nil }
    return (String(host), Int(number))
  }

  private static func isName(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "-._".contains(character)
  }
}
