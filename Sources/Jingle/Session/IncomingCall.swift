import NIOCore
import XMPP

/// An incoming call: proposed in a message (XEP-0353) or offered directly (XEP-0166), and answered as its owner
/// decides.
///
/// The permission to call is not checked here. Until `answer` or `refuse` nothing is sent, so that a stranger cannot
/// tell us from an account that is offline; a direct offer waits for its response.
package struct IncomingCall: JingleCall {
  package typealias Event = CallEvent

  package struct Configuration: Hashable, Sendable {
    /// The time for the owner's decision; after it the caller is treated as a stranger.
    package var decisionTimeout: TimeAmount
    /// The time from proceed to the offer, and again from the offer to our answer. Neither involves a person.
    package var answerTimeout: TimeAmount
    /// The time for the response to a request.
    package var requestTimeout: TimeAmount

    package init(
      decisionTimeout: TimeAmount = .seconds(10), answerTimeout: TimeAmount = .seconds(30),
      requestTimeout: TimeAmount = .seconds(20)
    ) {
      self.decisionTimeout = decisionTimeout
      self.answerTimeout = answerTimeout
      self.requestTimeout = requestTimeout
    }
  }

  package enum State: Hashable, Sendable {
    /// The call was proposed or offered, and nothing is decided.
    case proposed
    /// We took the call and await the offer.
    case proceeded
    /// The call was offered, and then answered, which `session` tells.
    case inSession
    case ended
  }

  /// The greatest length of a session ID in bytes. Those in use are UUIDs or shorter, and the ID is part of every
  /// request that we send.
  package static let sidLimit = 256

  package let sid: String
  package let local: JID
  /// The device that calls; no other may act for the session.
  package let peer: JID
  package let configuration: Configuration
  package private(set) var state = State.proposed
  package var session: JingleSession? { progress.session }

  /// The propose; nil if the session was offered directly.
  private let propose: (stanza: XMLElement, media: [Media])?
  /// The media that were proposed, or offered directly.
  package let media: [Media]
  private var takesSoundAlone = false
  /// The session-initiate that awaits the decision.
  private var offer: XMLElement?
  private var progress: CallProgress

  /// Reads a stanza that opens a call; returns nil if it is neither a live propose nor a session-initiate of another
  /// device.
  package init?(
    opening stanza: XMLElement, local: JID, configuration: Configuration = Configuration(), now: NIODeadline
  ) {
    precondition(!local.isBare, "a session is between full JIDs")
    guard let text = stanza["from"], let peer = try? JID(text), !peer.isBare, peer != local else { return nil }
    if let message = try? JingleMessage(live: stanza), case .propose(let proposed) = message.kind {
      (sid, media, propose) = (message.id, proposed, (stanza, proposed))
    } else if let jingle = Self.sessionInitiate(stanza) {
      media = jingle.contents.compactMap { $0.description?.media }
      (sid, offer, propose) = (jingle.sid, stanza, nil)
    } else {
      return nil
    }
    guard sid.utf8.count <= Self.sidLimit else { return nil }
    self.local = local
    self.peer = peer
    self.configuration = configuration
    progress = CallProgress(sid: sid, usesMessages: propose != nil)
    progress.patience = now + configuration.decisionTimeout
    progress.events.append(.proposed(from: peer, media: media))
  }

  private static func sessionInitiate(_ stanza: XMLElement) -> Jingle? {
    guard stanza.is("iq", Namespace.client), stanza["type"] == "set",
      let payload = stanza.first("jingle", Namespace.jingle), let jingle = try? Jingle(payload),
      jingle.action == .sessionInitiate
    else { return nil }
    return jingle
  }

  // MARK: Actions of the owner

  /// Takes the call after the event `proposed`, or refuses it if its media are not supported.
  ///
  /// - Parameter takesSoundAlone: whether there is sound to send, so that a call for audio alone is taken.
  package mutating func answer(takesSoundAlone: Bool = false, now: NIODeadline) {
    guard state == .proposed else { return }
    self.takesSoundAlone = takesSoundAlone
    if let propose {
      guard SessionOffer.isServed(propose.media, takesSoundAlone: takesSoundAlone) else {
        refuse(Reason(.unsupportedApplications))
        return
      }
      ring(propose.stanza)
      progress.transmit(.proceed, to: peer)
      // The message makes our account's other devices stop ringing.
      progress.transmit(.accept, to: local.bare)
    }
    state = .proceeded
    progress.patience = now + configuration.answerTimeout
    if let offer, let jingle = Self.sessionInitiate(offer) { take(jingle, offer, now: now) }
  }

  /// Tells that we ring. Conversations accepts the receipt or the message; Monal gives up without the message.
  private mutating func ring(_ propose: XMLElement) {
    if propose.first("request", Namespace.receipts) != nil, let id = propose["id"] {
      progress.transmit(DeliveryReceipt(id: id).stanza(to: peer))
    }
    progress.transmit(.ringing, to: peer)
  }

  /// Refuses the call after the event `proposed`.
  ///
  /// - Parameter reason: the reason to send; nil for a stranger, who learns nothing.
  package mutating func refuse(_ reason: Reason?) {
    guard state == .proposed else { return }
    for stanza in [propose?.stanza, offer].compactMap({ $0 }) {
      let answers = IncomingRefusal.answers(
        to: stanza, isTrusted: reason != nil, reason: reason ?? Reason(.decline))
      for answer in answers { progress.transmit(answer) }
    }
    end(.declined)
  }

  /// Answers the offer after the event `offered`, with those contents that it still has.
  package mutating func accept(contents: [Content], group: ContentGroup? = nil, now: NIODeadline) {
    progress.session?.accept(contents: contents, group: group, now: now)
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

  package mutating func modifySenders(content name: String, to senders: Content.Senders, now: NIODeadline) {
    progress.session?.modifySenders(content: name, to: senders, now: now)
    drainSession()
  }

  /// Ends the call, whatever its state. A caller about whom nothing was decided is treated as a stranger.
  package mutating func cancel(now: NIODeadline) {
    let reason = session?.phase == .active ? Reason(.success) : Reason(.cancel)
    terminate(reason, as: progress.outcome(of: reason), now: now)
  }

  /// Ends the call for this reason, whatever its state. Since a reason is given, the caller is no stranger and must not
  /// be left waiting.
  package mutating func terminate(_ reason: Reason, now: NIODeadline) {
    guard state != .proposed else { return refuse(reason) }
    terminate(reason, as: progress.outcome(of: reason), now: now)
  }

  private mutating func terminate(_ reason: Reason, as outcome: CallOutcome, now: NIODeadline) {
    switch state {
    case .proposed: refuse(nil)
    case .proceeded:
      progress.transmit(.reject(reason, tieBreak: false), to: peer)
      end(outcome)
    case .inSession:
      progress.session?.terminate(reason, as: outcome, now: now)
      drainSession()
    case .ended: break
    }
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

  /// Takes a stanza; returns false if it does not belong to this call and must be offered to others.
  package mutating func receive(_ stanza: XMLElement, now: NIODeadline) -> Bool {
    guard let from = stanza["from"], (try? JID(from)) == peer else { return false }
    if stanza.is("message", Namespace.client) {
      guard let message = try? JingleMessage(live: stanza), message.id == sid else { return false }
      receive(message.kind)
      return true
    }
    if progress.session?.receive(stanza, now: now) == true {
      drainSession()
      return true
    }
    return receiveOffer(stanza, now: now)
  }

  private mutating func receive(_ kind: JingleMessage.Kind) {
    switch (kind, state) {
    case (.retract(let reason, _), .proposed), (.retract(let reason, _), .proceeded):
      end(.endedByPeer(reason ?? Reason(.cancel)))
    case (.finish(let reason, _), .proceeded): end(.endedByPeer(reason ?? Reason(.success)))
    // A retract may have crossed our proceed, after which the offer was sent.
    case (.finish(let reason, _), .inSession), (.retract(let reason, _), .inSession):
      let reason = reason ?? Reason(.success)
      progress.session?.end(reason, .endedByPeer(reason))
      drainSession()
    default: break
    }
  }

  private mutating func receiveOffer(_ stanza: XMLElement, now: NIODeadline) -> Bool {
    guard let jingle = Self.sessionInitiate(stanza), jingle.sid == sid else { return false }
    switch state {
    case .proposed where offer == nil: offer = stanza
    case .proceeded: take(jingle, stanza, now: now)
    case .proposed, .inSession, .ended: return false
    }
    return true
  }

  private mutating func take(_ jingle: Jingle, _ stanza: XMLElement, now: NIODeadline) {
    if let error = Self.error(in: jingle) {
      progress.transmit(StanzaReply.badRequest(error).stanza(to: stanza))
      return end(.failed(Reason(.failedApplication, text: "malformed offer: \(error)")))
    }
    state = .inSession
    progress.patience = now + configuration.answerTimeout
    var session = JingleSession(
      sid: sid, local: local, peer: peer, role: .responder, contents: jingle.contents, groups: jingle.groups,
      requestTimeout: configuration.requestTimeout, now: now)
    session.answer(stanza, .result)
    let group = jingle.groups.first { $0.bundles(jingle.contents) }
    let fault = SessionOffer.fault(
      in: jingle.contents, group: group, proposed: propose?.media, takesSoundAlone: takesSoundAlone)
    if let fault {
      session.terminate(fault, as: .failed(fault), now: now)
    } else {
      session.emit(.offered(contents: jingle.contents, group: group))
    }
    progress.session = session
    drainSession()
  }

  /// Returns why an offer cannot be processed content by content, or nil if it can.
  private static func error(in offer: Jingle) -> JingleError? {
    if let error = offer.contentError { return error }
    if offer.contents.isEmpty { return .missingElement("content", of: "jingle") }
    let areDistinct = Set(offer.contents.map(\.name)).count == offer.contents.count
    return areDistinct ? nil : .malformedAttribute("name", of: "content")
  }

  // MARK: Transitions

  private mutating func drainSession() {
    if let outcome = progress.drainSession() { end(outcome) }
  }

  private mutating func end(_ outcome: CallOutcome) {
    state = .ended
    offer = nil
    progress.end(outcome)
  }
}
