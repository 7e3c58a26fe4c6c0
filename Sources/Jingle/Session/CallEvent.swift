import XMPP

/// What a call tells its owner.
package enum CallEvent: Hashable, Sendable {
  /// Somebody calls: whether he may is for the owner to say, by `answer` or `refuse`.
  case proposed(from: JID, media: [Media])
  /// The offer of a call that we answered, checked, as `accepted` is; `accept` is due. The group is the one by which all
  /// contents share one transport, where there is such a one.
  case offered(contents: [Content], group: ContentGroup?)
  /// A device of the called person rings.
  case ringing
  /// This device took the call: now it wants the offer.
  case proceeded(by: JID)
  /// The answer, checked: the offered contents in the offered order, each with transport and fingerprint, but for those
  /// that share another's in a bundle.
  case accepted(contents: [Content], group: ContentGroup?)
  case transportInfo(content: String, ICEUDPTransport)
  /// Such with other credentials than before: the peer wants a new ICE session (RFC 8445 section 9).
  case iceRestart(content: String, ICEUDPTransport)
  /// The peer did not take our `restartICE`.
  case iceRestartRefused(content: String)
  /// The content's senders are these from now on, by the peer's wish or by ours that the peer agreed to.
  case sendersChanged(content: String, Content.Senders)
  /// The peer did not agree to `modifySenders`; all is as before.
  case sendersRefused(content: String)
  case descriptionInfo(content: String, RTPDescription)
  /// The peer took the content out of the session.
  case contentRemoved(content: String)
  case info(SessionInfo)
  /// Why a request of the peer's, or a part of one, could not be read. The call goes on without it.
  case unreadable(JingleError)
  /// The last event.
  case ended(CallOutcome)
}
