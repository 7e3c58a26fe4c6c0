import XMPP

/// The responses to the stanzas of calls that belong to no call of ours, by a client that takes no calls or refuses
/// this one.
///
/// Those who may not see our presence learn nothing: they get what a server answers for an offline account (RFC 6121
/// section 8.5.3.2.1), and a propose, which needs no response, gets none (XEP-0353 section 6).
package enum IncomingRefusal {
  /// Returns the stanzas to send, in order.
  ///
  /// - Parameters:
  ///   - isTrusted: whether the sender may know that we are online: a contact with a subscription to our presence.
  ///   - reason: the reason to send to such a contact. Rejecting a propose also makes our account's other devices stop
  ///     ringing.
  package static func answers(
    to stanza: XMLElement, isTrusted: Bool, reason: Reason = Reason(.decline)
  ) -> [XMLElement] {
    guard let text = stanza["from"], let from = try? JID(text) else { return [] }
    if stanza.is("iq", Namespace.client), stanza["type"] == "set" || stanza["type"] == "get",
      let payload = stanza.first("jingle", Namespace.jingle)
    {
      return answers(to: stanza, payload, from: from, isTrusted: isTrusted, reason: reason)
    }
    guard isTrusted, let message = try? JingleMessage(live: stanza), case .propose = message.kind else { return [] }
    return [JingleMessage(id: message.id, .reject(reason, tieBreak: false)).stanza(to: from)]
  }

  private static func answers(
    to request: XMLElement, _ payload: XMLElement, from: JID, isTrusted: Bool, reason: Reason
  ) -> [XMLElement] {
    guard isTrusted, request["type"] == "set" else { return [StanzaReply.serviceUnavailable.stanza(to: request)] }
    let jingle: Jingle
    do {
      jingle = try Jingle(payload)
    } catch .unknownAction {
      return [StanzaReply.featureNotImplemented.stanza(to: request)]
    } catch {
      return [StanzaReply.badRequest(error).stanza(to: request)]
    }
    guard jingle.action == .sessionInitiate else { return [StanzaReply.unknownSession.stanza(to: request)] }
    if let error = jingle.contentError { return [StanzaReply.badRequest(error).stanza(to: request)] }
    // The offer is acknowledged and then declined (XEP-0166 section 6.3.2).
    let terminate = Jingle(action: .sessionTerminate, sid: jingle.sid, reason: reason)
    return [
      StanzaReply.result.stanza(to: request),
      XMLElement(
        "iq", namespace: Namespace.client,
        attributes: ["to": from.description, "id": "decline-\(jingle.sid)", "type": "set"],
        children: [.element(terminate.element)]),
    ]
  }
}
