import XMPP

/// An event of a call.
package enum CallEvent: Hashable, Sendable {
  /// Somebody calls. The owner decides and calls `answer` or `refuse`.
  case proposed(from: JID, media: [Media])
  /// The validated offer of a call that we answered; `accept` is due. The group is the one by which all contents share
  /// one transport, if there is such a group.
  case offered(contents: [Content], group: ContentGroup?)
  /// A device of the callee rings.
  case ringing
  /// This device of the callee took the call and awaits the offer.
  case proceeded(by: JID)
  /// The validated answer: the offered contents in the offered order, each with transport and fingerprint, except those
  /// that share the transport of another in a bundle.
  case accepted(contents: [Content], group: ContentGroup?)
  case transportInfo(content: String, ICEUDPTransport)
  /// A transport-info with new credentials: the peer restarts ICE (RFC 8445 section 9).
  case iceRestart(content: String, ICEUDPTransport)
  /// The peer refused our ICE restart.
  case iceRestartRefused(content: String)
  /// The senders of the content have changed, as the peer requested or agreed.
  case sendersChanged(content: String, Content.Senders)
  /// The peer refused to modify the senders, and nothing has changed.
  case sendersRefused(content: String)
  case descriptionInfo(content: String, RTPDescription)
  /// The peer removed the content from the session.
  case contentRemoved(content: String)
  case info(SessionInfo)
  /// A request of the peer, or a part of one, could not be read. The call continues without it.
  case unreadable(JingleError)
  /// The call has ended. This is the last event.
  case ended(CallOutcome)
}
