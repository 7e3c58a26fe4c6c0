/// The common parts of stanzas (RFC 6120 section 8).
extension XMLElement {
  package enum IQType: String, Sendable {
    case get, set, result, error
  }

  package static func iq(_ type: IQType, id: String, to: JID? = nil, _ payload: XMLElement? = nil) -> XMLElement {
    var iq = XMLElement("iq", namespace: Namespace.client, attributes: ["type": type.rawValue, "id": id])
    iq["to"] = to?.description
    if let payload { iq.append(payload) }
    return iq
  }

  /// The sender; nil if there is none, or none that is a JID. To grant rights to our own server, which may omit `from`,
  /// use ``isOfOwnServer(_:)``: a `from` that is not a JID is that of a stranger.
  package var from: JID? { self["from"].flatMap { try? JID($0) } }

  package var to: JID? { self["to"].flatMap { try? JID($0) } }

  /// Whether the stanza comes from the server of the account `local` or from the account itself, whose `from` may be
  /// absent (RFC 6120 section 8.1.2.1). A `from` that is not a JID belongs to neither: some servers allow names that
  /// PRECIS refuses (RFC 7622 section 3.3).
  package func isOfOwnServer(_ local: JID) -> Bool {
    guard self["from"] != nil else { return true }
    guard let from else { return false }
    return from == local.server || from.bare == local.bare
  }

  package var iqType: IQType? {
    self.is("iq", Namespace.client) ? self["type"].flatMap(IQType.init) : nil
  }

  /// Whether the stanza is an iq that has to be answered (RFC 6120 section 8.2.3).
  package var isRequest: Bool { iqType == .get || iqType == .set }

  /// Makes the result of this request, with `payload` if there is one (RFC 6120 section 8.2.3).
  package func result(_ payload: XMLElement? = nil) -> XMLElement {
    var reply = XMLElement("iq", namespace: Namespace.client, attributes: ["type": "result"])
    reply["id"] = self["id"]
    reply["to"] = self["from"]
    if let payload { reply.append(payload) }
    return reply
  }

  /// Makes the error reply to this stanza; returns nil for what must not be answered with an error: an error (RFC 6120
  /// section 8.3.1), a result, or an element that is no stanza.
  package func errorReply(_ error: StanzaError) -> XMLElement? {
    let isStanza = namespace == Namespace.client && ["iq", "message", "presence"].contains(name)
    guard isStanza, self["type"] != "error", self["type"] != "result" else { return nil }
    var reply = XMLElement(name, namespace: Namespace.client, attributes: ["type": "error"])
    reply["id"] = self["id"]
    reply["to"] = self["from"]
    reply.append(error.element)
    return reply
  }

  /// The error that a server returns if the recipient is unavailable, which is for requests and for messages of a room
  /// (RFC 6121 section 8.5.3.2); nil for a stanza that it drops silently.
  package var unavailableReply: XMLElement? {
    let isOfRoom = self.is("message", Namespace.client) && self["type"] == "groupchat"
    return isRequest || isOfRoom ? errorReply(StanzaError(.cancel, .serviceUnavailable)) : nil
  }
}
