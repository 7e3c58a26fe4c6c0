import XMPP

/// A content of a session: one medium and its transport (XEP-0166 section 7.3).
package struct Content: ElementConvertible {
  /// The party that added the content to the session.
  package enum Creator: String, Hashable, Sendable {
    case initiator
    case responder
  }

  /// The parties that send media.
  package enum Senders: String, Hashable, Sendable {
    case both
    case initiator
    case responder
    case none
  }

  package var creator: Creator
  package var name: String
  /// The senders; nil if the attribute is absent, which means `both` in an offer or an answer and has no meaning in a
  /// transport-info.
  package var senders: Senders?
  /// The RTP description; nil if it is absent or belongs to another application.
  package var description: RTPDescription?
  /// The ICE-UDP transport; nil if it is absent or another transport is used.
  package var transport: ICEUDPTransport?
  /// The parts of the content itself that could not be read and were left out.
  private var ownSkipped: [JingleError] = []
  /// Everything in the content that could not be read and was left out.
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
    // The attribute is required; clients that omit it mean the party that made the offer.
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
