/// What a person wrote to us just now, RFC 6121 section 5.2.
///
/// Stored and copied messages are none, so that nothing is done late, twice or at somebody else's word: those with a delay
/// stamp (XEP-0203), of our own account (carbons, XEP-0280), of rooms, errors, headlines, and those without text, as
/// receipts and typing notices are.
package struct ChatMessage: Equatable, Sendable {
  package enum Content: Equatable, Sendable {
    case text(String)
    /// End-to-end, by keys that we do not have.
    case encrypted
  }

  /// XEP-0380, which all kinds of encryption announce themselves by; XEP-0384 did without for years.
  private static let encryption = "urn:xmpp:eme:0"

  package let from: JID
  package let content: Content
  /// RFC 6121 section 5.2.5: a reply belongs to the thread.
  private let thread: String?

  package init?(live stanza: XMLElement, local: JID) {
    guard stanza.is("message", Namespace.client), ["chat", "normal", nil].contains(stanza["type"]),
      let from = stanza.from, from.bare != local.bare, from.local != nil, !DelayedDelivery.isStamped(stanza)
    else { return nil }
    self.from = from
    thread = stanza.first("thread", Namespace.client)?.text
    if stanza.elements.contains(where: { $0.name == "encrypted" || $0.is("encryption", Self.encryption) }) {
      // What its body says is for those who cannot read it.
      content = .encrypted
    } else if let body = stanza.first("body", Namespace.client)?.text, !body.isEmpty {
      content = .text(body)
    } else {
      return nil
    }
  }

  /// A message from us.
  ///
  /// - Parameter url: what is to be shown instead; then `text` says the same.
  package static func make(to recipient: JID, _ text: String, showing url: HTTPSURL? = nil) -> XMLElement {
    var message = XMLElement(
      "message", namespace: Namespace.client, attributes: ["type": "chat", "to": recipient.description])
    message.append(XMLElement("body", namespace: Namespace.client, children: [.text(text)]))
    if let url { message.append(OutOfBandData.element(url)) }
    return message
  }

  /// The answer, to the device that asked.
  package func reply(_ text: String, showing url: HTTPSURL? = nil) -> XMLElement {
    var reply = Self.make(to: from, text, showing: url)
    if let thread {
      reply.append(XMLElement("thread", namespace: Namespace.client, children: [.text(thread)]))
    }
    return reply
  }
}
