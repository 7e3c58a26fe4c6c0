import XMPP

/// The receipt for a message (XEP-0184). That for a propose tells that the client rings.
package struct DeliveryReceipt: ElementConvertible {
  /// The id of the received message.
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
