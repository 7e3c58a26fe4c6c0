/// A STUN or TURN service that the server tells of, with credentials: External Service Discovery, XEP-0215.
package struct ExternalService: Hashable, Sendable {
  package static let namespace = "urn:xmpp:extdisco:2"

  /// `stun`, `stuns`, `turn`, `turns`, or whatever else a server runs.
  package var type: String
  package var host: String
  package var port: UInt16?
  /// `udp` or `tcp`.
  package var transport: String?
  package var username: String?
  package var password: String?
  /// When the credentials end, as the server wrote it (XEP-0082).
  package var expires: String?

  package static func request(id: String, to server: JID) -> XMLElement {
    .iq(.get, id: id, to: server, XMLElement("services", namespace: namespace))
  }

  /// The services of a result; those without type or host, or with a port that is none, are left out.
  package static func parse(_ result: XMLElement) -> [ExternalService] {
    let services = result.first("services", namespace)?.all("service", namespace) ?? []
    return services.compactMap { element in
      guard let type = element["type"], let host = element["host"], !host.isEmpty else { return nil }
      if element["port"] != nil, element["port"].flatMap(UInt16.init) == nil { return nil }
      // XEP-0215 section 3.2: `delete` comes in pushes, of a service that is gone.
      if element["action"] == "delete" { return nil }
      return ExternalService(
        type: type, host: host, port: element["port"].flatMap(UInt16.init), transport: element["transport"],
        username: element["username"], password: element["password"], expires: element["expires"])
    }
  }
}
