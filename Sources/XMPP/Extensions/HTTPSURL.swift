/// The address of something that is fetched or put by HTTP over TLS (RFC 9110 section 4.2.2, RFC 3986), and nothing else:
/// what is sent without TLS anybody on the way can read.
package struct HTTPSURL: Hashable, Sendable, CustomStringConvertible {
  /// RFC 9110 section 4.1 recommends "to support, at a minimum, URIs with lengths of 8000 octets".
  static let maximumLength = 8000

  /// A name or an IP address, without brackets.
  package let host: String
  package let port: Int
  /// RFC 9112 section 3.2.1: path and query, as they stand in the request.
  package let target: String
  /// RFC 3986 section 3.2: host and port, as they stand in the request.
  package let authority: String
  package let description: String

  /// Nil: it is not, or too long, or holds a name and password, which RFC 9110 section 4.2.4 wants taken for an attack.
  package init?(_ text: String) {
    let scheme = "https://"
    guard text.utf8.count <= Self.maximumLength, text.prefix(scheme.count).lowercased() == scheme else { return nil }
    let rest = text.dropFirst(scheme.count)
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    // A server that is told its name in U-labels says it so, though no URI has them (RFC 3986 section 3.2.2).
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

  /// RFC 3986 section 2, without "#": a fragment is never sent.
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
