import Network

/// The address of a STUN server (RFC 7064 section 3.1): `stun:host[:port]`.
package struct STUNURI: Hashable, Sendable, CustomStringConvertible {
  package let host: String
  package let port: Int

  /// "The default port … 3478" (RFC 8489 section 18.5).
  static let defaultPort = 3478

  package init(parsing text: String) throws(SettingError) {
    guard !text.contains("@") else {
      // It is not repeated: what comes before the @ may be a password.
      throw SettingError(
        of: .option("stun"), "has credentials in the address",
        cure: "write stun:HOST[:PORT]; a STUN server needs none", .usage)
    }
    guard let colon = text.firstIndex(of: ":") else { throw Self.malformed(text) }
    switch text[..<colon].lowercased() {
    case "stun": break
    case "stuns":
      throw SettingError(
        of: .option("stun"), "\(WrongAddress(text)) is STUN over TLS, which tells nothing about UDP",
        cure: "use stun:HOST", .usage)
    default: throw Self.malformed(text)
    }
    guard let (host, port) = HostPort.split(text[text.index(after: colon)...]) else { throw Self.malformed(text) }
    self.host = host
    self.port = port ?? Self.defaultPort
  }

  package var description: String { "stun:\(HostPort(host: host, port: port))" }

  private static func malformed(_ text: String) -> SettingError {
    SettingError(
      of: .option("stun"), "\(WrongAddress(text)) is not a STUN address", cure: "write stun:HOST[:PORT]", .usage)
  }
}
