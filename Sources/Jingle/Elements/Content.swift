import XMPP

/// XEP-0166 section 7.3: one medium of a session, what it is and how it travels.
package struct Content: ElementConvertible {
  /// Who put the content into the session.
  package enum Creator: String, Hashable, Sendable {
    case initiator
    case responder
  }

  /// Who sends media.
  package enum Senders: String, Hashable, Sendable {
    case both
    case initiator
    case responder
    case none
  }

  package var creator: Creator
  package var name: String
  /// Nil where the attribute is absent, which means `both` in an offer or answer and nothing in a transport-info.
  package var senders: Senders?
  /// Nil where absent or of another application than RTP.
  package var description: RTPDescription?
  /// Nil where absent or another transport than ICE-UDP.
  package var transport: ICEUDPTransport?
  /// What of the content itself could not be read, and so was left out.
  private var ownSkipped: [JingleError] = []
  /// The same with what its parts left out.
  package var skipped: [JingleError] {
    ownSkipped + (description?.skipped ?? []) + (transport?.skipped ?? [])
  }

  package init(
    creator: Creator = .initiator, name: String, senders: Senders? = nil, description: RTPDescription? = nil,
    transport: ICEUDPTransport? = nil
  ) {
    self.creator = creator
    self.name = name
    self.senders = senders
    self.description = description
    self.transport = transport
  }

  package init(_ element: XMLElement) throws(JingleError) {
    try element.expect("content", Namespace.jingle)
    // The attribute is required; clients that leave it out mean the one who made the offer.
    creator = try element.choice("creator") ?? .initiator
    name = try element.required("name")
    do throws(JingleError) { senders = try element.choice("senders") } catch { ownSkipped.append(error) }
    description = element.decodeFirst("description", Namespace.rtp, skipped: &ownSkipped)
    transport = element.decodeFirst("transport", Namespace.iceUDP, skipped: &ownSkipped)
  }

  package var element: XMLElement {
    var element = XMLElement(
      "content", namespace: Namespace.jingle, attributes: ["creator": creator.rawValue, "name": name])
    element["senders"] = senders?.rawValue
    if let description { element.append(description.element) }
    if let transport { element.append(transport.element) }
    return element
  }
}
