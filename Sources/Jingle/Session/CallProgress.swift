import NIOCore
import XMPP

/// The common state of outgoing and incoming calls: the session once there is one, the time limit of the current step,
/// and the pending events.
struct CallProgress: Sendable {
  let sid: String
  /// Whether the call began with messages of XEP-0353, in which case its end is announced by a message too.
  let usesMessages: Bool
  var session: JingleSession?
  /// When the current step, by whichever party, must be done.
  var patience: NIODeadline?
  var events = CircularBuffer<CallEvent>()
  private var transmits = CircularBuffer<XMLElement>()

  init(sid: String, usesMessages: Bool) {
    self.sid = sid
    self.usesMessages = usesMessages
  }

  var deadline: NIODeadline? {
    switch (patience, session?.deadline) {
    case (let patience?, let request?): min(patience, request)
    case (let patience, let request): patience ?? request
    }
  }

  /// The outcome if we end the call for this reason now.
  func outcome(of reason: Reason) -> CallOutcome {
    if reason.condition.isFailure { return .failed(reason) }
    return session?.phase == .active ? .hungUp : .cancelled
  }

  mutating func transmit(_ stanza: XMLElement) {
    transmits.append(stanza)
  }

  /// Sends a message with our session ID, whatever it says.
  mutating func transmit(_ kind: JingleMessage.Kind, to recipient: JID) {
    transmits.append(JingleMessage(id: sid, kind).stanza(to: recipient))
  }

  mutating func pollTransmit() -> XMLElement? { transmits.popFirst() }

  /// Passes on the stanzas and events of the session; returns the outcome if it has ended.
  mutating func drainSession() -> CallOutcome? {
    while let stanza = session?.pollTransmit() { transmits.append(stanza) }
    while let event = session?.pollEvent() {
      guard case .ended(let outcome) = event, let session else {
        events.append(event)
        continue
      }
      // The message informs archives and other devices (XEP-0353 section 3.7).
      if usesMessages {
        let reason = session.endReason.map { Reason($0.condition) }
        transmit(.finish(reason, migratedTo: nil), to: session.peer)
      }
      return outcome
    }
    // The call is answered: from now on the flow of media tells whether it works.
    if session?.phase == .active { patience = nil }
    return nil
  }

  mutating func end(_ outcome: CallOutcome) {
    patience = nil
    events.append(.ended(outcome))
  }
}
