/// The check whether another entity responds: XMPP Ping (XEP-0199).
package enum Ping {
  package static let namespace = "urn:xmpp:ping"

  package static func request(id: String, to: JID?) -> XMLElement {
    .iq(.get, id: id, to: to, XMLElement("ping", namespace: namespace))
  }

  static func answer(to request: XMLElement) -> XMLElement? {
    guard request.iqType == .get, request.first("ping", namespace) != nil else { return nil }
    return request.result()
  }
}
