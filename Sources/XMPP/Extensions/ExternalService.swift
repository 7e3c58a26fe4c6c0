/// A STUN or TURN service that the server announces, with its credentials: External Service Discovery (XEP-0215).
package struct ExternalService: Hashable, Sendable {
  package static let namespace = "urn:xmpp:extdisco:2"

  /// The most services accepted. A server with relays on two continents, each over UDP, TCP and TLS, announces some
  /// twenty.
  static let limit = 64

  /// The type of the service in lower case: `stun`, `stuns`, `turn`, `turns` or another one.
  package var type: String
  /// A host name without the dot of the root, or an IP address without brackets.
  package var host: String
  package var port: UInt16?
  /// The transport protocol in lower case: `udp` or `tcp`, or `tls` with some servers.
  package var transport: String?
  package var username: String?
  package var password: String?
  /// "A boolean value indicating that username and password credentials are required and will need to be requested if
  /// not already provided" (section 2).
  package var isRestricted: Bool
  /// When the credentials expire, as the server wrote it.
  package var expires: String?
  /// The attributes by which the server identifies the service.
  let identity: [String: String]

  package static func request(id: String, to server: JID) -> XMLElement {
    .iq(.get, id: id, to: server, XMLElement("services", namespace: namespace))
  }

  /// Reads the services of a response. Services without type or host, or with an invalid port, are left out.
  package static func parse(_ result: XMLElement) -> [ExternalService] {
    services(in: result.first("services", namespace))
  }

  static func services(in list: XMLElement?) -> [ExternalService] {
    let services = (list?.all("service", namespace) ?? []).compactMap { ExternalService($0) }
    return Array(services.prefix(limit))
  }

  private init?(_ element: XMLElement) {
    guard let type = element.token("type"), let host = element.token("host").flatMap(Self.host) else { return nil }
    let port = element.token("port").map { UInt16($0) ?? 0 }
    guard port != 0 else { return nil }
    // A push may announce the removal of a service: XEP-0215 section 3.2 calls the action `delete`, the table of
    // section 2 `remove`.
    guard !["delete", "remove"].contains(element.token("action")?.lowercased()) else { return nil }
    self.type = type.lowercased()
    self.host = host
    self.port = port
    transport = element.token("transport")?.lowercased()
    username = element["username"]
    password = element["password"]
    isRestricted = ["1", "true"].contains(element.token("restricted")?.lowercased())
    expires = element.token("expires")
    identity = element.attributes.filter { ["type", "host", "port"].contains($0.key) }
  }

  /// Normalizes the host, which is "either a fully qualified domain name (FQDN) or an IP address" (XEP-0215 section 2).
  /// The names in certificates have no dot at their end (RFC 6066 section 3), and only URIs have brackets.
  private static func host(_ text: String) -> String? {
    var host = text[...]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    if host.hasSuffix(".") { host = host.dropLast() }
    return host.isEmpty ? nil : String(host)
  }
}
