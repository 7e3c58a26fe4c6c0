import NIOCore

/// The address of a TURN server (RFC 7065 section 3.1): `turn:host[:port][?transport=udp]`.
///
/// Only TURN over UDP is spoken so far; `turns:` and `transport=tcp` are refused by name rather than misread.
package struct TURNURI: Hashable, Sendable, CustomStringConvertible {
  package let host: String
  package let port: Int

  /// 3478 is the default port of `turn` over UDP (RFC 7065 section 3.2).
  private static let defaultPort = 3478

  package init(parsing text: String) throws(CommandError) {
    guard let colon = text.firstIndex(of: ":") else { throw Self.malformed(text) }
    let scheme = text[..<colon].lowercased()
    var rest = text[text.index(after: colon)...]
    guard scheme == "turn" || scheme == "turns" else { throw Self.malformed(text) }
    var transport = scheme == "turns" ? "tcp" : "udp"
    if let question = rest.firstIndex(of: "?") {
      let query = rest[rest.index(after: question)...]
      guard query.hasPrefix("transport=") else { throw Self.malformed(text) }
      transport = query.dropFirst("transport=".count).lowercased()
      rest = rest[..<question]
    }
    guard scheme == "turn", transport == "udp" else {
      throw CommandError("--turn \(text): only TURN over UDP is supported so far; use turn:HOST:PORT", .usage)
    }
    guard let (host, port) = HostPort.split(rest) else { throw Self.malformed(text) }
    self.host = host
    self.port = port ?? Self.defaultPort
  }

  package var description: String {
    host.contains(":") ? "turn:[\(host)]:\(port)" : "turn:\(host):\(port)"
  }

  private static func malformed(_ text: String) -> CommandError {
    CommandError("--turn '\(text)' is no TURN address; write turn:HOST or turn:HOST:PORT", .usage)
  }
}
