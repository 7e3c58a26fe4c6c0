/// A place to connect to, and whether TLS comes first there (XEP-0368) or by STARTTLS.
package struct ConnectionTarget: Hashable, Sendable {
  package var host: String
  package var port: Int
  package var isDirectTLS: Bool

  package enum ParsingError: Error {
    /// Neither `xmpps` nor `xmpp` stands before `://`.
    case unknownScheme
    case malformed
  }

  /// RFC 6120 section 3.2.2, where there are no SRV records; also IANA's `xmpp-client`.
  package static let defaultPort = 5222
  /// The port of direct TLS since before there were standards for it.
  package static let directPort = 5223

  /// Where nobody said how TLS begins. Behind 443 there is nothing but TLS.
  package init(host: String, port: Int) {
    self.init(host: host, port: port, isDirectTLS: port == Self.directPort || port == 443)
  }

  /// A server that the user named: `HOST[:PORT]`, `xmpps://HOST[:PORT]` or `xmpp://HOST[:PORT]`.
  package init(parsing text: String) throws(ParsingError) {
    var rest = text[...]
    var isDirectTLS: Bool?
    if let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") {
      switch text[..<colon].lowercased() {
      case "xmpps": isDirectTLS = true
      case "xmpp": isDirectTLS = false
      default: throw .unknownScheme
      }
      rest = text[colon...].dropFirst("://".count)
    }
    guard let (host, port) = HostPort.split(rest) else { throw .malformed }
    if let isDirectTLS {
      self.init(
        host: host, port: port ?? (isDirectTLS ? Self.directPort : Self.defaultPort), isDirectTLS: isDirectTLS)
    } else {
      self.init(host: host, port: port ?? Self.defaultPort)
    }
  }

  package init(host: String, port: Int, isDirectTLS: Bool) {
    self.host = host
    self.port = port
    self.isDirectTLS = isDirectTLS
  }

  /// Host and port as a person writes them, without the way in which TLS begins.
  package var text: String { HostPort.text(host: host, port: port) }
}
