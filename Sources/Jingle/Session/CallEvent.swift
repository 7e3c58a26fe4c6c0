import XMPP

/// What a call tells its owner.
package enum CallEvent: Hashable, Sendable {
  /// A device of the called person rings.
  case ringing
  /// This device took the call: now it wants the offer.
  case proceeded(by: JID)
  /// The answer, checked: the offered contents in the offered order, each with transport and fingerprint.
  case accepted(contents: [Content], group: ContentGroup?)
  case transportInfo(content: String, ICEUDPTransport)
  /// The content's senders are these from now on, by the peer's wish or by ours that the peer agreed to.
  case sendersChanged(content: String, Content.Senders)
  /// The peer did not agree to `modifySenders`; all is as before.
  case sendersRefused(content: String)
  case descriptionInfo(content: String, RTPDescription)
  /// The peer took the content out of the session.
  case contentRemoved(content: String)
  case info(SessionInfo)
  /// The last event.
  case ended(CallOutcome)
}
