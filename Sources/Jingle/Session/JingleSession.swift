import NIOCore
import XMPP

/// A session between two full JIDs, from session-initiate to session-terminate, in either role (XEP-0166).
///
/// Its owner decides how it begins, by XEP-0353 or by a direct session-initiate.
package struct JingleSession: Sendable {
  package enum Phase: Hashable, Sendable {
    /// The session is offered and not answered.
    case pending
    case active
    case ended
  }

  package let sid: String
  package let local: JID
  package let peer: JID
  package let role: Content.Creator
  package internal(set) var phase = Phase.pending
  /// Whether the peer has acknowledged the offer, or has sent a request, which implies it.
  package internal(set) var isAcknowledged = false
  /// The offered contents, with the peer's transports once they are known, and with `senders` as last agreed.
  package internal(set) var contents: [Content]
  /// Why the session ended.
  package internal(set) var endReason: Reason?

  /// The offered groups.
  let groups: [ContentGroup]
  let requestTimeout: TimeAmount
  var pending = SessionRequests()
  var recent = RecentRequests()
  private var requestCount = 0
  private var transmits = CircularBuffer<XMLElement>()
  private var events = CircularBuffer<CallEvent>()

  /// Makes a session with these contents, which are ours or the peer's by `role`. As the initiator it sends the offer
  /// at once.
  package init(
    sid: String, local: JID, peer: JID, role: Content.Creator, contents: [Content], groups: [ContentGroup],
    requestTimeout: TimeAmount, now: NIODeadline
  ) {
    precondition(Set(contents.map(\.name)).count == contents.count, "contents go by their names")
    self.sid = sid
    self.local = local
    self.peer = peer
    self.role = role
    self.contents = contents
    self.groups = groups
    self.requestTimeout = requestTimeout
    switch role {
    case .initiator: request(.sessionInitiate, contents: contents, groups: groups, purpose: .initiate, now: now)
    case .responder: isAcknowledged = true
    }
  }

  // MARK: Our requests

  /// Answers the peer's offer (XEP-0166 section 7.2.8). Contents that the peer has removed since are left out, and so
  /// is a group that was not offered.
  package mutating func accept(contents answer: [Content], group: ContentGroup?, now: NIODeadline) {
    guard role == .responder, phase == .pending else { return }
    phase = .active
    let answer = answer.filter(isKnown)
    for content in answer {
      guard let index = contents.firstIndex(where: { $0.name == content.name }) else { continue }
      contents[index].senders = content.senders
    }
    let jingle = Jingle(
      action: .sessionAccept, sid: sid, responder: local, contents: answer,
      groups: agreedGroup(in: group.map { [$0] } ?? []).map { [$0] } ?? [])
    request(payload: jingle.element, purpose: .accept, now: now)
  }

  /// Sends candidates that were found after the offer (XEP-0176 section 5.3), with the credentials but without the
  /// fingerprint.
  package mutating func sendTransportInfo(content name: String, transport: ICEUDPTransport, now: NIODeadline) {
    sendTransportInfo(content: name, transport: transport, purpose: .other, now: now)
  }

  /// Restarts ICE by new credentials (XEP-0176 section 5.4), to which the peer's new credentials are the answer, or the
  /// event `iceRestartRefused`.
  ///
  /// The candidates are sent later, since Conversations takes new credentials with candidates for an answer.
  package mutating func restartICE(content name: String, usernameFragment: String, password: String, now: NIODeadline) {
    sendTransportInfo(
      content: name, transport: ICEUDPTransport(usernameFragment: usernameFragment, password: password),
      purpose: .restart(content: name), now: now)
  }

  private mutating func sendTransportInfo(
    content name: String, transport: ICEUDPTransport, purpose: SessionRequests.Purpose, now: NIODeadline
  ) {
    guard phase != .ended, let content = contents.first(where: { $0.name == name }) else { return }
    let trickled = ICEUDPTransport(
      usernameFragment: transport.usernameFragment, password: transport.password, candidates: transport.candidates)
    request(
      .transportInfo, contents: [Content(creator: content.creator, name: name, transport: trickled)],
      purpose: purpose, now: now)
  }

  /// Requests a change of the senders (XEP-0166 section 7.2.3). The event `sendersChanged` or `sendersRefused` reports
  /// the response.
  package mutating func modifySenders(content name: String, to senders: Content.Senders, now: NIODeadline) {
    guard phase != .ended, let content = contents.first(where: { $0.name == name }) else { return }
    request(
      .contentModify, contents: [Content(creator: content.creator, name: name, senders: senders)],
      purpose: .modify(content: name, senders), now: now)
  }

  /// Terminates the session (XEP-0166 section 6.7).
  package mutating func terminate(_ reason: Reason, as outcome: CallOutcome, now: NIODeadline) {
    guard phase != .ended else { return }
    request(.sessionTerminate, reason: reason, purpose: .terminate, now: now)
    end(reason, outcome)
  }

  // MARK: Time and queues

  package var deadline: NIODeadline? { phase == .ended ? nil : pending.deadline }

  package mutating func handleTimeout(now: NIODeadline) {
    while phase != .ended, let purpose = pending.popExpired(now: now) {
      switch purpose {
      case .initiate where isAcknowledged: break
      case .initiate: terminate(Reason(.timeout), as: .unreachable(condition: nil), now: now)
      case .modify(let content, _): emit(.sendersRefused(content: content))
      // If the answer was not delivered, there will be no path either, which the missing media reveals.
      case .accept, .restart, .terminate, .other: break
      }
    }
  }

  package mutating func pollTransmit() -> XMLElement? { transmits.popFirst() }
  package mutating func pollEvent() -> CallEvent? { events.popFirst() }

  // MARK: Common to all requests

  mutating func request(
    _ action: JingleAction, contents: [Content] = [], groups: [ContentGroup] = [], reason: Reason? = nil,
    purpose: SessionRequests.Purpose = .other, now: NIODeadline
  ) {
    // The attribute `initiator` is required in session-initiate and allowed in later requests (XEP-0166 section 7.1);
    // session-terminate does not need it.
    let initiator = action == .sessionTerminate ? nil : role == .initiator ? local : peer
    let jingle = Jingle(
      action: action, sid: sid, initiator: initiator, contents: contents, groups: groups, reason: reason)
    request(payload: jingle.element, purpose: purpose, now: now)
  }

  mutating func request(payload: XMLElement, purpose: SessionRequests.Purpose = .other, now: NIODeadline) {
    requestCount += 1
    let id = "\(sid)-\(requestCount)"
    pending.insert(id, purpose, deadline: now + requestTimeout)
    transmits.append(
      XMLElement(
        "iq", namespace: Namespace.client, attributes: ["to": peer.description, "id": id, "type": "set"],
        children: [.element(payload)]))
  }

  mutating func answer(_ request: XMLElement, _ reply: StanzaReply) {
    recent.remember(request, reply)
    transmit(reply.stanza(to: request))
  }

  mutating func transmit(_ stanza: XMLElement) {
    transmits.append(stanza)
  }

  mutating func emit(_ event: CallEvent) {
    events.append(event)
  }

  mutating func end(_ reason: Reason, _ outcome: CallOutcome) {
    guard phase != .ended else { return }
    phase = .ended
    endReason = reason
    emit(.ended(outcome))
  }
}
