/// The result of a call, as it is presented to users.
package enum CallOutcome: Hashable, Sendable {
  /// The callee refused, or we did.
  case declined
  /// The callee is in another call. Clients also send it for a plain refusal, as XEP-0353 section 3.5 suggests.
  case busy
  /// Nobody answered in time.
  case timeout
  /// The propose or the offer was not delivered. The condition is that of the error (RFC 6120 section 8.3.3), or nil if
  /// there was no response.
  case unreachable(condition: String?)
  /// The client does not support Jingle calls or has gone offline; the two cannot be told apart.
  case noJingle
  /// We cancelled the call before it was established.
  case cancelled
  /// Both parties called at the same time, and the other's call takes precedence (XEP-0353 section 4.1, XEP-0166
  /// section 7.2.16).
  case yielded
  /// We ended an established call.
  case hungUp
  /// The peer ended the call; `Reason.Condition.isFailure` tells whether because of an error.
  case endedByPeer(Reason)
  /// The call could not continue, for the reason that the peer was given.
  case failed(Reason)
}
