import ICE
import NIOCore
import Network

/// The address of a TURN server (RFC 7065 section 3.1): `turn:host[:port][?transport=udp|tcp]`, `turns:host[:port]`.
package struct TURNURI: Hashable, Sendable, CustomStringConvertible {
  package let host: String
  package let port: Int
  package let relayProtocol: RelayProtocol

  package init(parsing text: String) throws(SettingError) {
    guard !text.contains("@") else {
      // It is not repeated: what comes before the @ may be a password.
      throw SettingError(
        of: .option("turn"), "has credentials in the address",
        cure: "write turn:HOST[:PORT]; set JINGLECAM_TURN_USERNAME and JINGLECAM_TURN_PASSWORD", .usage)
    }
    guard let colon = text.firstIndex(of: ":") else { throw Self.malformed(text) }
    let scheme = text[..<colon].lowercased()
    var rest = text[text.index(after: colon)...]
    guard scheme == "turn" || scheme == "turns" else { throw Self.malformed(text) }
    var transport: String?
    if let question = rest.firstIndex(of: "?") {
      let query = rest[rest.index(after: question)...]
      guard query.hasPrefix("transport=") else { throw Self.malformed(text) }
      transport = query.dropFirst("transport=".count).lowercased()
      rest = rest[..<question]
    }
    // RFC 7065 section 3.2: without a transport `turn` is UDP, and `turns` TLS over TCP.
    switch (scheme, transport) {
    case ("turn", nil), ("turn", "udp"): relayProtocol = .udp
    case ("turn", "tcp"): relayProtocol = .tcp
    case ("turns", nil), ("turns", "tcp"): relayProtocol = .tls
    case ("turns", "udp"):
      throw SettingError(
        of: .option("turn"), "\(WrongAddress(text)) is TURN over DTLS, which is not supported",
        cure: "use turns:HOST, TLS over TCP", .usage)
    default: throw Self.malformed(text)
    }
    guard let (host, port) = HostPort.split(rest) else { throw Self.malformed(text) }
    self.host = host
    self.port = port ?? relayProtocol.defaultPort
  }

  package var description: String { relayProtocol.uri(host: host, port: port) }

  private static func malformed(_ text: String) -> SettingError {
    SettingError(
      of: .option("turn"), "\(WrongAddress(text)) is not a TURN address",
      cure: "write turn:HOST[:PORT], turn:HOST[:PORT]?transport=tcp or "
        + "turns:HOST[:PORT]", .usage)
  }
}

extension RelayProtocol {
  /// "The default port for TURN is 3478 for TURN over UDP and TCP … 5349 for TURN over TLS" (RFC 8656 section 18.8).
  package var defaultPort: Int { self == .tls ? 5349 : 3478 }

  package func uri(host: String, port: Int) -> String {
    let address = HostPort(host: host, port: port)
    return switch self {
    case .udp: "turn:\(address)"
    case .tcp: "turn:\(address)?transport=tcp"
    case .tls: "turns:\(address)"
    }
  }
}
