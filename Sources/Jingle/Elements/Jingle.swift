import XMPP

/// XEP-0166 section 7.1: the `<jingle/>` element, payload of every request of a session.
package struct Jingle: ElementConvertible {
  /// Two are usual; a peer that names more than this many contents means harm.
  package static let contentLimit = 16

  package var action: JingleAction
  package var sid: String
  package var initiator: JID?
  package var responder: JID?
  package var contents: [Content]
  package var group: ContentGroup?
  package var reason: Reason?
  /// Of a session-info; nil in one is a ping (XEP-0166 section 6.8).
  package var info: SessionInfo?

  package init(
    action: JingleAction, sid: String, initiator: JID? = nil, responder: JID? = nil, contents: [Content] = [],
    group: ContentGroup? = nil, reason: Reason? = nil, info: SessionInfo? = nil
  ) {
    self.action = action
    self.sid = sid
    self.initiator = initiator
    self.responder = responder
    self.contents = contents
    self.group = group
    self.reason = reason
    self.info = info
  }

  package init(_ element: XMLElement) throws(JingleError) {
    try element.expect("jingle", Namespace.jingle)
    let action = try element.required("action")
    guard let known = JingleAction(rawValue: action) else { throw .unknownAction(action) }
    self.action = known
    sid = try element.required("sid")
    initiator = try Self.address("initiator", of: element)
    responder = try Self.address("responder", of: element)
    contents = try element.decode("content", Namespace.jingle, limit: Self.contentLimit)
    group = try element.first("group", Namespace.grouping).map { group throws(JingleError) in try ContentGroup(group) }
    reason = try element.first("reason", Namespace.jingle).map { reason throws(JingleError) in try Reason(reason) }
    info = known == .sessionInfo ? SessionInfo(payloadOf: element) : nil
  }

  package var element: XMLElement {
    var element = XMLElement(
      "jingle", namespace: Namespace.jingle, attributes: ["action": action.rawValue, "sid": sid])
    element["initiator"] = initiator?.description
    element["responder"] = responder?.description
    element.append(contents)
    if let group { element.append(group.element) }
    if let reason { element.append(reason.element) }
    if let info { element.append(info.element) }
    return element
  }

  private static func address(_ attribute: String, of element: XMLElement) throws(JingleError) -> JID? {
    guard let value = element[attribute] else { return nil }
    do {
      return try JID(value)
    } catch {
      throw .malformedAttribute(attribute, of: element.name)
    }
  }
}
