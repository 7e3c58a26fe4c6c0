import XMPP

/// XEP-0184: that a client took a message; for a propose it says that the client rings.
package struct DeliveryReceipt: ElementConvertible {
  /// Of the message that was taken.
  package var id: String

  package init(id: String) {
    self.id = id
  }

  package init(_ element: XMLElement) throws(JingleError) {
    try element.expect("received", Namespace.receipts)
    id = try element.required("id")
  }

  package var element: XMLElement {
    XMLElement("received", namespace: Namespace.receipts, attributes: ["id": id])
  }

  package func stanza(to recipient: JID) -> XMLElement {
    var message = XMLElement(
      "message", namespace: Namespace.client, attributes: ["to": recipient.description, "type": "chat"])
    message.append(element)
    message.append(XMLElement("store", namespace: Namespace.hints))
    return message
  }
}
