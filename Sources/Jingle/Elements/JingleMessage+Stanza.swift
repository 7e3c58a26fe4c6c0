import XMPP

extension JingleMessage {
  /// The id of the message that proposes the session `sid`, in the form that clients share: by this id they refer to it
  /// in the receipt that tells that they ring.
  package static func proposeID(sid: String) -> String {
    "jm-propose-\(sid)"
  }

  /// Makes the stanza (XEP-0353 section 3), with a hint that archives shall store it (XEP-0334). A propose requests a
  /// receipt, which means "ringing".
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

  /// Reads the Jingle message of a stanza; returns nil if it has none, is an error, comes from a chat room, or was
  /// stored and has a delay stamp (XEP-0203). Copies by carbons (XEP-0280) and archives are wrapped and therefore never
  /// match.
  ///
  /// - Throws: `JingleError`.
  package init?(live message: XMLElement) throws(JingleError) {
    guard message.is("message", Namespace.client), message["type"] != "error",
      message["type"] != "groupchat", !DelayedDelivery.isStamped(message),
      let element = message.elements.first(where: { $0.namespace == Namespace.jingleMessage })
    else { return nil }
    try self.init(element)
  }
}
