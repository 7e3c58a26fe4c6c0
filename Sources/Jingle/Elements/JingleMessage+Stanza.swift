import XMPP

extension JingleMessage {
  /// The message's id where it proposes session `sid`: the form that the clients in use share, by which they say in a
  /// receipt that they ring.
  package static func proposeID(sid: String) -> String {
    "jm-propose-\(sid)"
  }

  /// Section 3: the stanza, for archives to keep (XEP-0334). A propose asks for a receipt, which means "ringing".
  package func stanza(to recipient: JID) -> XMLElement {
    var message = XMLElement(
      "message", namespace: Namespace.client, attributes: ["to": recipient.description, "type": "chat"])
    message.append(element)
    if case .propose = kind {
      message["id"] = Self.proposeID(sid: id)
      message.append(XMLElement("request", namespace: Namespace.receipts))
    }
    message.append(XMLElement("store", namespace: Namespace.hints))
    return message
  }

  /// The Jingle message that a stanza carries, if it speaks of now: not an error, not from a chat room, and not a
  /// copy that was kept, with a delay stamp (XEP-0203). Carbons (XEP-0280) and archives wrap theirs, so those never match.
  package init?(live message: XMLElement) throws(JingleError) {
    guard message.is("message", Namespace.client), message["type"] != "error",
      message["type"] != "groupchat", !DelayedDelivery.isStamped(message),
      let element = message.elements.first(where: { $0.namespace == Namespace.jingleMessage })
    else { return nil }
    try self.init(element)
  }
}
