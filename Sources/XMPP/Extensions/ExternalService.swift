/// A STUN or TURN service that the server tells of, with credentials: External Service Discovery, XEP-0215.
package struct ExternalService: Hashable, Sendable {
  package static let namespace = "urn:xmpp:extdisco:2"

  /// A server with relays on two continents, each over UDP, TCP and TLS, names some twenty.
  static let limit = 64

  /// `stun`, `stuns`, `turn`, `turns`, or whatever else a server runs, in lower case.
  package var type: String
  /// A name without the root's dot, or an address without brackets.
  package var host: String
  package var port: UInt16?
  /// `udp` or `tcp`, in lower case; some servers say `tls`.
  package var transport: String?
  package var username: String?
  package var password: String?
  /// "A boolean value indicating that username and password credentials are required and will need to be requested if
  /// not already provided" (section 2).
  package var isRestricted: Bool
  /// When the credentials end, as the server wrote it.
  package var expires: String?
  /// What the server knows the service by.
  let identity: [String: String]

  package static func request(id: String, to server: JID) -> XMLElement {
    .iq(.get, id: id, to: server, XMLElement("services", namespace: namespace))
  }

  /// The services of a result; those without type or host, or with a port that is none, are left out.
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
    // Section 3.2: a push tells of a service that is gone; the table of section 2 calls it `remove`.
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

  /// "Either a fully qualified domain name (FQDN) or an IP address" (section 2). A certificate's names have no dot at the
  /// end (RFC 6066 section 3), and only a URI has brackets.
  private static func host(_ text: String) -> String? {
    var host = text[...]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    if host.hasSuffix(".") { host = host.dropLast() }
    return host.isEmpty ? nil : String(host)
  }
}
