import XMPP

/// The response to a request (RFC 6120 section 8.2.3), with the errors of XEP-0166 sections 6 and 11.
enum StanzaReply: Hashable, Sendable {
  case result
  case badRequest(JingleError)
  case featureNotImplemented
  case itemNotFound
  case serviceUnavailable
  case outOfOrder
  case tieBreak
  case unknownSession
  case unsupportedInfo

  func stanza(to request: XMLElement) -> XMLElement {
    var reply = XMLElement("iq", namespace: Namespace.client)
    reply["to"] = request["from"]
    reply["id"] = request["id"]
    guard let error else {
      reply["type"] = "result"
      return reply
    }
    reply["type"] = "error"
    reply.append(error)
    return reply
  }

  private var error: XMLElement? {
    switch self {
    case .result: nil
    case .badRequest(let error): Self.error("modify", "bad-request", text: error.description)
    case .featureNotImplemented: Self.error("cancel", "feature-not-implemented")
    case .itemNotFound: Self.error("cancel", "item-not-found")
    case .serviceUnavailable: Self.error("cancel", "service-unavailable")
    case .outOfOrder: Self.error("wait", "unexpected-request", jingle: "out-of-order")
    case .tieBreak: Self.error("cancel", "conflict", jingle: "tie-break")
    case .unknownSession: Self.error("cancel", "item-not-found", jingle: "unknown-session")
    case .unsupportedInfo: Self.error("modify", "feature-not-implemented", jingle: "unsupported-info")
    }
  }

  private static func error(
    _ type: String, _ condition: String, text: String? = nil, jingle: String? = nil
  ) -> XMLElement {
    var error = XMLElement("error", namespace: Namespace.client, attributes: ["type": type])
    error.append(XMLElement(condition, namespace: Namespace.stanzaErrors))
    if let text {
      let attributes = ["xml:lang": "en"]
      error.append(
        XMLElement("text", namespace: Namespace.stanzaErrors, attributes: attributes, children: [.text(text)]))
    }
    if let jingle { error.append(XMLElement(jingle, namespace: Namespace.jingleErrors)) }
    return error
  }
}
