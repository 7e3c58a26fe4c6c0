/// What stanzas have in common, RFC 6120 section 8.
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

  /// The sender, where there is one and it is a JID. Whoever gives rights to our own server, which may leave `from` out,
  /// asks ``isOfOwnServer(_:)``: a `from` that is no JID is a stranger's.
  package var from: JID? { self["from"].flatMap { try? JID($0) } }

  package var to: JID? { self["to"].flatMap { try? JID($0) } }

  /// Whether the stanza is from the server of the account `local` or from the account itself, whose `from` may be absent
  /// (RFC 6120 section 8.1.2.1). One that is there and no JID is of neither: some servers let names be registered that
  /// PRECIS refuses (RFC 7622 section 3.3).
  package func isOfOwnServer(_ local: JID) -> Bool {
    guard self["from"] != nil else { return true }
    guard let from else { return false }
    return from == local.server || from.bare == local.bare
  }

  package var iqType: IQType? {
    self.is("iq", Namespace.client) ? self["type"].flatMap(IQType.init) : nil
  }

  /// True for an iq that RFC 6120 section 8.2.3 obliges us to answer.
  package var isRequest: Bool { iqType == .get || iqType == .set }

  /// The empty or `payload` result to this request, RFC 6120 section 8.2.3.
  package func result(_ payload: XMLElement? = nil) -> XMLElement {
    var reply = XMLElement("iq", namespace: Namespace.client, attributes: ["type": "result"])
    reply["id"] = self["id"]
    reply["to"] = self["from"]
    if let payload { reply.append(payload) }
    return reply
  }

  /// The error reply to this stanza; nil for what must not be answered with an error: an error (RFC 6120 section
  /// 8.3.1), a result, or anything that is no stanza.
  package func errorReply(_ error: StanzaError) -> XMLElement? {
    let isStanza = namespace == Namespace.client && ["iq", "message", "presence"].contains(name)
    guard isStanza, self["type"] != "error", self["type"] != "result" else { return nil }
    var reply = XMLElement(name, namespace: Namespace.client, attributes: ["type": "error"])
    reply["id"] = self["id"]
    reply["to"] = self["from"]
    reply.append(error.element)
    return reply
  }

  /// The error that a server returns where nobody is there for this stanza: for a request, and for a message of a room (RFC
  /// 6121 section 8.5.3.2). Nil for what it takes without a word.
  package var unavailableReply: XMLElement? {
    let isOfRoom = self.is("message", Namespace.client) && self["type"] == "groupchat"
    return isRequest || isOfRoom ? errorReply(StanzaError(.cancel, .serviceUnavailable)) : nil
  }
}
