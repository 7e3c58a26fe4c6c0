import Network

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
  static let defaultPort = 5222
  /// The port of direct TLS since before there were standards for it.
  static let directPort = 5223

  /// Where nobody said how TLS begins. Behind 443 there is nothing but TLS.
  init(host: String, port: Int) {
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

  init(host: String, port: Int, isDirectTLS: Bool) {
    self.host = host
    self.port = port
    self.isDirectTLS = isDirectTLS
  }

  /// Host and port as a person writes them, without the way in which TLS begins.
  var text: String { HostPort.text(host: host, port: port) }

  /// Orders the records of `_xmpps-client` and `_xmpp-client` as one set (XEP-0368 section 3) by RFC 2782: the lowest
  /// priority first, among equals at random by weight. Nil where there is nothing to order; empty where the domain says
  /// that it has no such service.
  static func order(
    direct: [ServiceRecord], startTLS: [ServiceRecord], using generator: inout some RandomNumberGenerator
  ) -> [ConnectionTarget]? {
    var rest = direct.map { ($0, true) } + startTLS.map { ($0, false) }
    let isRefused = !startTLS.isEmpty && rest.allSatisfy { $0.0.target.isEmpty }
    rest.removeAll { $0.0.target.isEmpty }
    guard !rest.isEmpty else { return isRefused ? [] : nil }
    // Those of weight 0 come first, so that they are chosen only where the random number is 0.
    rest.sort { ($0.0.priority, $0.0.weight) < ($1.0.priority, $1.0.weight) }
    var ordered: [ConnectionTarget] = []
    while let priority = rest.first?.0.priority {
      let group = rest.prefix { $0.0.priority == priority }
      let choice = Int.random(in: 0...group.reduce(0) { $0 + Int($1.0.weight) }, using: &generator)
      var sum = 0
      let index =
        group.firstIndex {
          sum += Int($0.0.weight); return sum >= choice
        } ?? 0
      let (record, isDirectTLS) = rest.remove(at: index)
      ordered.append(
        ConnectionTarget(host: record.target, port: Int(record.port), isDirectTLS: isDirectTLS))
    }
    return ordered
  }
}
