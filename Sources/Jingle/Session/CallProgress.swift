import NIOCore
import XMPP

/// What a call that we make and one that comes in share: the session once there is one, how long the step that is under
/// way may take, and what waits for the owner.
struct CallProgress: Sendable {
  let sid: String
  /// Whether XEP-0353 comes before the session, and hears of its end.
  let usesMessages: Bool
  var session: JingleSession?
  /// When the step must be done, whoever has to do it.
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

  /// What it means that we end the call for this reason now.
  func outcome(of reason: Reason) -> CallOutcome {
    if reason.condition.isFailure { return .failed(reason) }
    return session?.phase == .active ? .hungUp : .cancelled
  }

  mutating func transmit(_ stanza: XMLElement) {
    transmits.append(stanza)
  }

  /// Under our session id, whatever the message tells.
  mutating func transmit(_ kind: JingleMessage.Kind, to recipient: JID) {
    transmits.append(JingleMessage(id: sid, kind).stanza(to: recipient))
  }

  mutating func pollTransmit() -> XMLElement? { transmits.popFirst() }

  /// Passes on what the session has to say; answers how it ended, if it did.
  mutating func drainSession() -> CallOutcome? {
    while let stanza = session?.pollTransmit() { transmits.append(stanza) }
    while let event = session?.pollEvent() {
      guard case .ended(let outcome) = event, let session else {
        events.append(event)
        continue
      }
      // XEP-0353 section 3.7: for archives and the other devices.
      if usesMessages {
        let reason = session.endReason.map { Reason($0.condition) }
        transmit(.finish(reason, migratedTo: nil), to: session.peer)
      }
      return outcome
    }
    // Answered: from now on media tells whether the call lives.
    if session?.phase == .active { patience = nil }
    return nil
  }

  mutating func end(_ outcome: CallOutcome) {
    patience = nil
    events.append(.ended(outcome))
  }
}
