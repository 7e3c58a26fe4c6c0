import XMPP

/// The `<jingle/>` element, which is the payload of every request of a session (XEP-0166 section 7.1).
package struct Jingle: ElementConvertible {
  /// The most contents accepted; two are usual, and more than this number is malicious.
  package static let contentLimit = 16
  /// The most groups accepted; one is usual.
  static let groupLimit = 8

  package var action: JingleAction
  package var sid: String
  package var initiator: JID?
  package var responder: JID?
  package var contents: [Content]
  package var groups: [ContentGroup]
  package var reason: Reason?
  /// The payload of a session-info; a session-info without one is a ping (XEP-0166 section 6.8).
  package var info: SessionInfo?
  /// Why ``contents`` is incomplete; the action determines what follows from it.
  package private(set) var contentError: JingleError?

  package init(
    action: JingleAction, sid: String, initiator: JID? = nil, responder: JID? = nil, contents: [Content] = [],
    groups: [ContentGroup] = [], reason: Reason? = nil, info: SessionInfo? = nil
  ) {
    self.action = action
    self.sid = sid
    self.initiator = initiator
    self.responder = responder
    self.contents = contents
    self.groups = groups
    self.reason = reason
    self.info = info
  }

  package init(_ element: XMLElement) throws(JingleError) {
    try element.expect("jingle", Namespace.jingle)
    let action = try element.required("action")
    guard let known = JingleAction(rawValue: action) else { throw .unknownAction(action) }
    self.action = known
    sid = try element.required("sid")
    // These are not relied on: the parties are the addresses of the stanza.
    initiator = element["initiator"].flatMap { try? JID($0) }
    responder = element["responder"].flatMap { try? JID($0) }
    var skipped: [JingleError] = []
    contents = element.decode("content", Namespace.jingle, limit: Self.contentLimit, skipped: &skipped)
    contentError = skipped.first
    groups = element.decode("group", Namespace.grouping, limit: Self.groupLimit, skipped: &skipped)
    reason = element.decodeFirst("reason", Namespace.jingle, skipped: &skipped)
    info = known == .sessionInfo ? SessionInfo(payloadOf: element) : nil
  }

  package var element: XMLElement {
    var element = XMLElement(
      "jingle", namespace: Namespace.jingle, attributes: ["action": action.rawValue, "sid": sid])
    element["initiator"] = initiator?.description
    element["responder"] = responder?.description
    element.append(contents)
    element.append(groups)
    if let reason { element.append(reason.element) }
    if let info { element.append(info.element) }
    return element
  }
}
