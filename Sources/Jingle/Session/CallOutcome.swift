/// How a call ended, in the terms that a person is told.
package enum CallOutcome: Hashable, Sendable {
  /// The called person refused, or we did.
  case declined
  /// The called person is in another call. Clients also send it for a plain refusal (XEP-0353 section 3.5 suggests so).
  case busy
  /// Nobody answered in time.
  case timeout
  /// The propose or the offer did not get through: the defined condition of the error (RFC 6120 section 8.3.3), or nil
  /// where no answer came at all.
  case unreachable(condition: String?)
  /// The client there takes no Jingle calls, or is offline by now: servers and clients answer alike.
  case noJingle
  /// We gave up before the call stood.
  case cancelled
  /// Both called at once and the other's call goes first (XEP-0353 section 4.1, XEP-0166 section 7.2.16).
  case yielded
  /// We hung up a standing call.
  case hungUp
  /// The peer ended it; `Reason.Condition.isFailure` tells whether for a fault.
  case endedByPeer(Reason)
  /// It could not go on, for the reason we gave the peer.
  case failed(Reason)
}
