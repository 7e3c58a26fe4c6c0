/// A message that a user has just sent us (RFC 6121 section 5.2).
///
/// Other messages are excluded, so that no command is executed late, twice or for somebody else: those with a delay
/// stamp (XEP-0203), those of our own account (carbons, XEP-0280), those of rooms and of their occupants, errors,
/// headlines, and those without text, such as receipts and typing notifications.
package struct ChatMessage: Equatable, Sendable {
  package enum Content: Equatable, Sendable {
    case text(String)
    /// The text is end-to-end encrypted, and we do not have the key.
    case encrypted
  }

  /// The namespace of XEP-0380, with which all kinds of encryption announce themselves; XEP-0384 did not use it for
  /// years.
  private static let encryption = "urn:xmpp:eme:0"
  /// What a room adds to the private messages of its occupants (XEP-0045 section 7.5): all of them have its bare JID.
  private static let occupant = "http://jabber.org/protocol/muc#user"

  package let from: JID
  package let content: Content
  /// The thread, to which a reply belongs too (RFC 6121 section 5.2.5).
  private let thread: String?

  package init?(live stanza: XMLElement, local: JID) {
    guard stanza.is("message", Namespace.client), ["chat", "normal", nil].contains(stanza["type"]),
      let from = stanza.from, from.bare != local.bare, from.local != nil, !DelayedDelivery.isStamped(stanza),
      stanza.first("x", Self.occupant) == nil
    else { return nil }
    self.from = from
    thread = stanza.first("thread", Namespace.client)?.text
    if stanza.elements.contains(where: { $0.name == "encrypted" || $0.is("encryption", Self.encryption) }) {
      // The body is a notice for clients that cannot decrypt the message.
      content = .encrypted
    } else if let body = stanza.first("body", Namespace.client)?.text, !body.isEmpty {
      content = .text(body)
    } else {
      return nil
    }
  }

  /// Makes a message from us.
  ///
  /// - Parameter url: a resource to be shown instead of the text, which then is the same URL.
  package static func make(to recipient: JID, _ text: String, showing url: HTTPSURL? = nil) -> XMLElement {
    var message = XMLElement(
      "message", namespace: Namespace.client, attributes: ["type": "chat", "to": recipient.description])
    message.append(XMLElement("body", namespace: Namespace.client, children: [.text(text)]))
    if let url { message.append(OutOfBandData.element(url)) }
    return message
  }

  /// Makes a reply to the device that sent the message.
  package func reply(_ text: String, showing url: HTTPSURL? = nil) -> XMLElement {
    var reply = Self.make(to: from, text, showing: url)
    if let thread {
      reply.append(XMLElement("thread", namespace: Namespace.client, children: [.text(thread)]))
    }
    return reply
  }
}
