/// Credentials that the list of services does not contain (XEP-0215 section 3.3), and the time when they expire.
extension ExternalService {
  /// The most services for which credentials are requested; a call does not use more.
  static let credentialsLimit = 8

  private var isRelay: Bool { type == "turn" || type == "turns" }

  private var hasCredentials: Bool { username != nil && password != nil }

  /// The TURN services whose credentials have to be requested, each once.
  ///
  /// A service that is not restricted may share the credentials of another one on the same host, as in Prosody 0.12.
  package static func lackingCredentials(among services: [ExternalService]) -> [ExternalService] {
    let known = Set(services.filter { $0.isRelay && $0.hasCredentials }.map { $0.host.lowercased() })
    var identities: Set<[String: String]> = []
    let lacking = services.filter { service in
      service.isRelay && !service.hasCredentials
        && (service.isRestricted || !known.contains(service.host.lowercased()))
        && identities.insert(service.identity).inserted
    }
    return Array(lacking.prefix(credentialsLimit))
  }

  package func credentialsRequest(id: String, to server: JID) -> XMLElement {
    var credentials = XMLElement("credentials", namespace: Self.namespace)
    credentials.append(XMLElement("service", namespace: Self.namespace, attributes: identity))
    return .iq(.get, id: id, to: server, credentials)
  }

  /// Takes the credentials of this service from a response. "There MAY be multiple <service/> elements in the result if
  /// more than one service matched" (XEP-0215 section 3.3).
  package mutating func takeCredentials(from result: XMLElement) {
    guard !hasCredentials else { return }
    let matching = Self.services(in: result.first("credentials", Self.namespace)).filter { service in
      service.hasCredentials && service.type == type && service.host.lowercased() == host.lowercased()
        && (service.port == nil || port == nil || service.port == port)
    }
    guard let answer = matching.first(where: { $0.transport == transport }) ?? matching.first else { return }
    (username, password) = (answer.username, answer.password)
    expires = answer.expires ?? expires
  }

  /// When the credentials expire, in seconds since 1970; nil if that is not given or cannot be read.
  ///
  /// "The format MUST adhere to the dateTime format specified in XEP-0082 and MUST be expressed in UTC" (XEP-0215
  /// section 2). Some servers write a space instead of the T, omit the time zone or its colon, or write the number of
  /// seconds itself.
  package var expiresAt: Int64? {
    guard let expires, expires.utf8.count <= 40 else { return nil }
    if (9...11).contains(expires.utf8.count), let seconds = Int64(expires), seconds > 0 { return seconds }
    var text = Array(expires.uppercased())
    guard text.count >= 19 else { return nil }
    if text[10] == " " { text[10] = "T" }
    switch text[19...].firstIndex(where: { "+-Z".contains($0) }) {
    case nil: text.append("Z")
    case let sign? where text.count - sign == 5 && text[sign] != "Z": text.insert(":", at: sign + 3)
    default: break
    }
    return DateTime.secondsSince1970(String(text))
  }
}
