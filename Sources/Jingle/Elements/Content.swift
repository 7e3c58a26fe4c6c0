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
    senders = try element.choice("senders")
    description = try element.first("description", Namespace.rtp).map { description throws(JingleError) in
      try RTPDescription(description)
    }
    transport = try element.first("transport", Namespace.iceUDP).map { transport throws(JingleError) in
      try ICEUDPTransport(transport)
    }
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
