import NIOCore
import XMPP

/// An outgoing call: XEP-0353 finds the device that takes it, with which a session of XEP-0166 follows.
///
/// If `peer` has a resource, the session is offered directly, without XEP-0353.
package struct OutgoingCall: JingleCall {
  package typealias Event = CallEvent

  package struct Configuration: Hashable, Sendable {
    /// How long the callee's devices may ring. Clients ring for 30 s (Conversations) or longer.
    package var ringTimeout: TimeAmount
    /// The time from the moment when somebody takes the call to the answer. It involves no person any longer.
    package var answerTimeout: TimeAmount
    /// The time for the response to a request.
    package var requestTimeout: TimeAmount

    package init(
      ringTimeout: TimeAmount = .seconds(60), answerTimeout: TimeAmount = .seconds(30),
      requestTimeout: TimeAmount = .seconds(20)
    ) {
      self.ringTimeout = ringTimeout
      self.answerTimeout = answerTimeout
      self.requestTimeout = requestTimeout
    }
  }

  package enum State: Hashable, Sendable {
    case idle
    /// The call is proposed, and devices may be ringing.
    case proposed
    /// This device took the call and awaits the offer.
    case proceeded(by: JID)
    /// The call was offered, and then answered, which `session` tells.
    case inSession
    case ended
  }

  package let sid: String
  package let local: JID
  package let peer: JID
  package let media: [Media]
  package let configuration: Configuration
  package private(set) var state = State.idle
  package var session: JingleSession? { progress.session }

  private var isRinging = false
  private var progress: CallProgress

  private var usesMessages: Bool { progress.usesMessages }

  /// - Parameters:
  ///   - sid: a session ID that cannot be guessed and was never used before.
  ///   - local: our full JID.
  package init(sid: String, local: JID, peer: JID, media: [Media], configuration: Configuration = Configuration()) {
    precondition(!local.isBare, "a session is between full JIDs")
    self.sid = sid
    self.local = local
    self.peer = peer
    self.media = media
    self.configuration = configuration
    progress = CallProgress(sid: sid, usesMessages: peer.isBare)
  }

  // MARK: Actions of the owner

  package mutating func propose(now: NIODeadline) {
    guard state == .idle else { return }
    guard usesMessages else {
      proceed(by: peer, now: now)
      return
    }
    state = .proposed
    progress.patience = now + configuration.ringTimeout
    progress.transmit(.propose(media), to: peer)
  }

  /// Makes the offer after the event `proceeded`. Its media must be the proposed ones, as every client requires.
  package mutating func initiate(contents: [Content], group: ContentGroup? = nil, now: NIODeadline) {
    guard case .proceeded(let device) = state else { return }
    let offered = contents.compactMap { $0.description?.media.rawValue }
    precondition(offered.sorted() == media.map(\.rawValue).sorted(), "an offer has the media that were proposed")
    state = .inSession
    // Without a propose, the callee is asked only now.
    progress.patience = now + (usesMessages ? configuration.answerTimeout : configuration.ringTimeout)
    progress.session = JingleSession(
      sid: sid, local: local, peer: device, role: .initiator, contents: contents,
      groups: group.map { [$0] } ?? [], requestTimeout: configuration.requestTimeout, now: now)
    drainSession()
  }

  package mutating func sendTransportInfo(content name: String, transport: ICEUDPTransport, now: NIODeadline) {
    progress.session?.sendTransportInfo(content: name, transport: transport, now: now)
    drainSession()
  }

  package mutating func restartICE(content name: String, usernameFragment: String, password: String, now: NIODeadline) {
    progress.session?.restartICE(content: name, usernameFragment: usernameFragment, password: password, now: now)
    drainSession()
  }

  /// Dino accepts any change. Conversations, as the callee, accepts only changes between `both` and `responder`; if it
  /// is asked to stop sending, it ends the call.
  package mutating func modifySenders(content name: String, to senders: Content.Senders, now: NIODeadline) {
    progress.session?.modifySenders(content: name, to: senders, now: now)
    drainSession()
  }

  /// Ends the call, whatever its state.
  package mutating func cancel(now: NIODeadline) {
    terminate(session?.phase == .active ? Reason(.success) : Reason(.cancel), now: now)
  }

  /// Ends the call for this reason, whatever its state: it is retracted while it rings, and terminated later.
  package mutating func terminate(_ reason: Reason, now: NIODeadline) {
    terminate(reason, as: progress.outcome(of: reason), now: now)
  }

  // MARK: Time and queues

  package var deadline: NIODeadline? { progress.deadline }

  package mutating func handleTimeout(now: NIODeadline) {
    progress.session?.handleTimeout(now: now)
    drainSession()
    if let patience = progress.patience, patience <= now { terminate(Reason(.timeout), as: .timeout, now: now) }
  }

  package mutating func pollTransmit() -> XMLElement? { progress.pollTransmit() }
  package mutating func pollEvent() -> Event? { progress.events.popFirst() }

  // MARK: Incoming stanzas

  /// Takes a stanza; returns false if it does not belong to this call alone and must be offered to others.
  ///
  /// It also returns false for a call of the same user to us that takes precedence by the tie-break rules: this call
  /// yields, and the other is still to be answered.
  package mutating func receive(_ stanza: XMLElement, now: NIODeadline) -> Bool {
    guard let text = stanza["from"], let from = try? JID(text), from.bare == peer.bare else { return false }
    if stanza.is("message", Namespace.client) { return receiveMessage(stanza, from: from, now: now) }
    if progress.session?.receive(stanza, now: now) == true {
      drainSession()
      return true
    }
    return receiveForeignOffer(stanza, from: from)
  }

  private mutating func receiveMessage(_ message: XMLElement, from: JID, now: NIODeadline) -> Bool {
    if message["type"] == "error" { return receiveBounce(message, from: from) }
    if receiveReceipt(message) { return true }
    guard usesMessages, let jingle = try? JingleMessage(live: message) else { return false }
    // When we call our own account, our propose is delivered to us as well.
    if from == local { return jingle.id == sid }
    if jingle.id == sid, jingle.kind.isAnswer {
      receive(jingle.kind, from: from, now: now)
      return true
    }
    guard case .propose = jingle.kind, state == .proposed else { return false }
    return receiveForeignPropose(jingle.id, from: from)
  }

  /// Handles an error for the propose. A server sends it in the name of the account. A single device that cannot read
  /// the propose answers only for itself, and others may ring.
  private mutating func receiveBounce(_ message: XMLElement, from: JID) -> Bool {
    guard usesMessages, message["id"] == JingleMessage.proposeID(sid: sid) else { return false }
    if state == .proposed, from.isBare {
      end(.unreachable(condition: StanzaError(parsing: message).condition.rawValue))
    }
    return true
  }

  /// Takes a receipt (XEP-0184): in Conversations that for the propose tells that it rings.
  private mutating func receiveReceipt(_ message: XMLElement) -> Bool {
    guard usesMessages, let element = message.first("received", Namespace.receipts),
      let receipt = try? DeliveryReceipt(element), receipt.id == JingleMessage.proposeID(sid: sid)
    else { return false }
    if !DelayedDelivery.isStamped(message) { ring() }
    return true
  }

  private mutating func receive(_ kind: JingleMessage.Kind, from: JID, now: NIODeadline) {
    switch (kind, state) {
    case (.ringing, .proposed): ring()
    // Only a device can have a session.
    case (.proceed, .proposed) where !from.isBare: proceed(by: from, now: now)
    // A device refuses for all others (XEP-0353 section 3.5).
    case (.reject(let reason, let tieBreak), .proposed): end(Self.outcome(of: reason, tieBreak: tieBreak))
    // From here on other devices are ignored.
    case (.reject(let reason, let tieBreak), .proceeded(by: from)):
      end(Self.outcome(of: reason, tieBreak: tieBreak))
    case (.finish(let reason, _), .proceeded(by: from)): end(.endedByPeer(reason ?? Reason(.success)))
    case (.reject(let reason, _), .inSession) where from == session?.peer,
      (.finish(let reason, _), .inSession) where from == session?.peer:
      let reason = reason ?? Reason(.success)
      progress.session?.end(reason, .endedByPeer(reason))
      drainSession()
    default: break
    }
  }

  private static func outcome(of reason: Reason?, tieBreak: Bool) -> CallOutcome {
    switch reason?.condition {
    case _ where tieBreak: .yielded
    case nil, .decline, .cancel: .declined
    case .busy: .busy
    case .timeout: .timeout
    case .some: reason.map { .endedByPeer($0) } ?? .declined
    }
  }

  // MARK: Crossing calls

  /// Resolves two crossing proposes: the lower session ID takes precedence, or the lower JID if they are equal
  /// (XEP-0353 section 4.1).
  private mutating func receiveForeignPropose(_ theirs: String, from: JID) -> Bool {
    let expired = Reason(.expired)
    if Self.goesFirst((sid, local), before: (theirs, from)) {
      progress.transmit(JingleMessage(id: theirs, .reject(expired, tieBreak: true)).stanza(to: peer))
      return true
    }
    progress.transmit(.retract(expired, tieBreak: true), to: peer)
    end(.yielded)
    return false
  }

  /// Refuses an offer of the same device that crosses ours, while ours is not acknowledged (XEP-0166 section 7.2.16).
  private mutating func receiveForeignOffer(_ stanza: XMLElement, from: JID) -> Bool {
    guard stanza.is("iq", Namespace.client), stanza["type"] == "set", let session, session.phase == .pending,
      !session.isAcknowledged, from == session.peer, let payload = stanza.first("jingle", Namespace.jingle),
      payload["action"] == JingleAction.sessionInitiate.rawValue, let theirs = payload["sid"],
      Self.goesFirst((sid, local), before: (theirs, from))
    else { return false }
    progress.transmit(StanzaReply.tieBreak.stanza(to: stanza))
    return true
  }

  /// Compares by octets (`i;octet`, RFC 4790 section 9.3).
  private static func goesFirst(_ ours: (sid: String, jid: JID), before theirs: (sid: String, jid: JID)) -> Bool {
    if ours.sid != theirs.sid { return ours.sid.utf8.lexicographicallyPrecedes(theirs.sid.utf8) }
    return ours.jid.description.utf8.lexicographicallyPrecedes(theirs.jid.description.utf8)
  }

  // MARK: Transitions

  private mutating func ring() {
    guard state == .proposed, !isRinging else { return }
    isRinging = true
    progress.events.append(.ringing)
  }

  private mutating func proceed(by device: JID, now: NIODeadline) {
    state = .proceeded(by: device)
    progress.patience = now + configuration.answerTimeout
    progress.events.append(.proceeded(by: device))
  }

  private mutating func terminate(_ reason: Reason, as outcome: CallOutcome, now: NIODeadline) {
    switch state {
    case .idle: end(outcome)
    case .proposed, .proceeded:
      // The retraction goes to every device (XEP-0353 section 3.3), with `cancel`, the reason that receivers know.
      if usesMessages { progress.transmit(.retract(Reason(.cancel), tieBreak: false), to: peer) }
      end(outcome)
    case .inSession:
      progress.session?.terminate(reason, as: outcome, now: now)
      drainSession()
    case .ended: break
    }
  }

  private mutating func drainSession() {
    if let outcome = progress.drainSession() { end(outcome) }
  }

  private mutating func end(_ outcome: CallOutcome) {
    state = .ended
    progress.end(outcome)
  }
}
