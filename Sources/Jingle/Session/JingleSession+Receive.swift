import NIOCore
import XMPP

extension JingleSession {
  /// Takes a stanza of this session: a request of the peer with this session ID, or the response to one of ours.
  /// Returns false if it is neither.
  ///
  /// The sender is what the server has stamped on the stanza: only the peer's device itself can act for the session.
  package mutating func receive(_ stanza: XMLElement, now: NIODeadline) -> Bool {
    guard stanza.is("iq", Namespace.client), let from = stanza["from"], (try? JID(from)) == peer else { return false }
    switch stanza["type"] {
    case "set":
      guard let payload = stanza.first("jingle", Namespace.jingle), payload["sid"] == sid else { return false }
      receiveRequest(stanza, payload, now: now)
      return true
    case "result", "error":
      guard let id = stanza["id"], let purpose = pending.remove(id) else { return false }
      receiveReply(stanza, to: purpose, now: now)
      return true
    default: return false
    }
  }

  // MARK: Replies

  private mutating func receiveReply(_ stanza: XMLElement, to purpose: SessionRequests.Purpose, now: NIODeadline) {
    guard phase != .ended else { return }
    guard stanza["type"] == "error" else {
      switch purpose {
      case .initiate: isAcknowledged = true
      case .modify(let content, let senders): setSenders(senders, of: content)
      case .accept, .restart, .terminate, .other: break
      }
      return
    }
    let condition = StanzaError(parsing: stanza).condition
    let jingle = Self.jingleCondition(of: stanza)
    let reason = Reason(.generalError, text: condition.rawValue)
    switch purpose {
    case .initiate: end(reason, Self.outcome(ofRefused: condition, jingle))
    case _ where jingle == "unknown-session":
      // The peer no longer knows the session, for instance after a restart, so there is nobody to notify.
      end(Reason(.gone), .failed(Reason(.gone)))
    // The peer refused the answer and awaits another one, which we do not have.
    case .accept: terminate(reason, as: Self.outcome(ofRefused: condition, jingle), now: now)
    case .modify(let content, _): emit(.sendersRefused(content: content))
    // Both parties restart ICE at the same time, and the peer's new credentials are about to arrive.
    case .restart where jingle == "tie-break": break
    case .restart(let content): emit(.iceRestartRefused(content: content))
    // Neither a refused candidate nor a peer whose XMPP connection is interrupted is a reason to end the call: the flow
    // of media tells whether it works.
    case .terminate, .other: break
    }
  }

  /// The condition of Jingle, in addition to the one of RFC 6120 (XEP-0166 section 11).
  private static func jingleCondition(of stanza: XMLElement) -> String? {
    stanza.first("error", Namespace.client)?.elements.first { $0.namespace == Namespace.jingleErrors }?.name
  }

  private static func outcome(ofRefused condition: StanzaError.Condition, _ jingle: String?) -> CallOutcome {
    switch (condition, jingle) {
    case (_, "tie-break"): .yielded
    case (.serviceUnavailable, _), (.featureNotImplemented, _): .noJingle
    case (.gone, _), (.recipientUnavailable, _), (.remoteServerNotFound, _), (.remoteServerTimeout, _):
      .unreachable(condition: condition.rawValue)
    default: .failed(Reason(.generalError, text: condition.rawValue))
    }
  }

  // MARK: Requests

  private mutating func receiveRequest(_ request: XMLElement, _ payload: XMLElement, now: NIODeadline) {
    if let reply = recent.reply(to: request) {
      transmit(reply.stanza(to: request))
      return
    }
    do {
      let jingle = try Jingle(payload)
      guard phase != .ended else {
        // Both parties ended the call at the same time, so the request is fulfilled already.
        answer(request, jingle.action == .sessionTerminate ? .result : .unknownSession)
        return
      }
      receive(jingle, request, now: now)
    } catch .unknownAction {
      answer(request, phase == .ended ? .unknownSession : .featureNotImplemented)
    } catch {
      refuse(request, error)
    }
  }

  /// Answers a request that cannot be read, and reports it.
  private mutating func refuse(_ request: XMLElement, _ error: JingleError) {
    guard phase != .ended else { return answer(request, .unknownSession) }
    answer(request, .badRequest(error))
    emit(.unreadable(error))
  }

  private mutating func receive(_ jingle: Jingle, _ request: XMLElement, now: NIODeadline) {
    isAcknowledged = true
    if let error = jingle.contentError {
      switch jingle.action {
      // A change of the session is made completely or not at all.
      case .contentAdd, .contentModify, .contentRemove: return refuse(request, error)
      case .transportInfo, .descriptionInfo:
        if jingle.contents.isEmpty { return refuse(request, error) }
        emit(.unreadable(error))
      default: break
      }
    }
    switch jingle.action {
    case .sessionAccept: receiveAccept(jingle, request, now: now)
    case .sessionTerminate: receiveTerminate(jingle.reason ?? Reason(.success), request)
    case .sessionInfo: receiveInfo(jingle.info, request)
    case .transportInfo: receiveTransportInfo(jingle.contents, request)
    case .descriptionInfo: receiveDescriptionInfo(jingle.contents, request)
    case .contentModify: receiveModify(jingle.contents, request)
    case .contentAdd: receiveAdd(jingle.contents, request, now: now)
    case .contentRemove: receiveRemove(jingle, request, now: now)
    case .transportReplace: receiveTransportReplace(request, now: now)
    // A session with this ID exists, and we never sent the requests that the other actions answer.
    case .sessionInitiate, .contentAccept, .contentReject, .transportAccept, .transportReject:
      answer(request, .outOfOrder)
    // No security preconditions were negotiated: a result would claim that they hold.
    case .securityInfo: answer(request, .featureNotImplemented)
    }
  }

  private mutating func receiveAccept(_ jingle: Jingle, _ request: XMLElement, now: NIODeadline) {
    guard role == .initiator, phase == .pending else {
      answer(request, .outOfOrder)
      return
    }
    // No second answer will follow.
    if let error = jingle.contentError {
      let reason = Reason(.failedApplication, text: "malformed answer: \(error)")
      answer(request, .badRequest(error))
      return terminate(reason, as: .failed(reason), now: now)
    }
    answer(request, .result)
    let group = agreedGroup(in: jingle.groups)
    do throws(SessionAnswer.Fault) {
      contents = try SessionAnswer(jingle.contents, to: contents, group: group).contents
    } catch {
      return terminate(error.reason, as: .failed(error.reason), now: now)
    }
    phase = .active
    emit(.accepted(contents: contents, group: group))
  }

  /// The group of an answer, which may contain only what the offer grouped (RFC 9143 section 7.3).
  func agreedGroup(in answered: [ContentGroup]) -> ContentGroup? {
    answered.first { answered in
      groups.contains { $0.semantics == answered.semantics && Set($0.contents).isSuperset(of: answered.contents) }
        && Set(contents.map(\.name)).isSuperset(of: answered.contents)
    }
  }

  private mutating func receiveTerminate(_ reason: Reason, _ request: XMLElement) {
    answer(request, .result)
    // Only an offer can be declined. A peer that withdraws its own offer hangs up.
    let isAnswer = role == .initiator && phase == .pending
    switch reason.condition {
    case .decline where isAnswer: end(reason, .declined)
    case .busy where isAnswer: end(reason, .busy)
    case .timeout where isAnswer: end(reason, .timeout)
    default: end(reason, .endedByPeer(reason))
    }
  }

  private mutating func receiveInfo(_ info: SessionInfo?, _ request: XMLElement) {
    switch info {
    case nil: answer(request, .result)
    case .unknown: answer(request, .unsupportedInfo)
    case .ringing where role == .initiator && phase == .pending:
      answer(request, .result)
      emit(.ringing)
    case .some(let info):
      answer(request, .result)
      emit(.info(info))
    }
  }

  /// Takes candidates. Those for a content outside of the session, which the peer would like to add, are acknowledged
  /// too, since some clients end the call at any error.
  private mutating func receiveTransportInfo(_ contents: [Content], _ request: XMLElement) {
    answer(request, .result)
    for content in contents where isKnown(content) {
      guard let transport = content.transport else { continue }
      if isRestart(transport, of: content.name) {
        emit(.iceRestart(content: content.name, transport))
      } else {
        emit(.transportInfo(content: content.name, transport))
      }
    }
  }

  /// Whether the transport restarts ICE: "To restart ICE, an agent MUST change both the password and the username
  /// fragment" (RFC 8445 section 9). It is true once, since the new credentials are then the peer's.
  private mutating func isRestart(_ transport: ICEUDPTransport, of name: String) -> Bool {
    // An offer of ours contains only our own credentials.
    guard role == .responder || phase == .active, transport.hasCredentials,
      let index = contents.firstIndex(where: { $0.name == name }), let known = contents[index].transport,
      (known.usernameFragment, known.password) != (transport.usernameFragment, transport.password)
    else { return false }
    contents[index].transport?.usernameFragment = transport.usernameFragment
    contents[index].transport?.password = transport.password
    return true
  }

  private mutating func receiveDescriptionInfo(_ contents: [Content], _ request: XMLElement) {
    answer(request, .result)
    for content in contents where isKnown(content) {
      if let description = content.description { emit(.descriptionInfo(content: content.name, description)) }
    }
  }

  private mutating func receiveModify(_ modified: [Content], _ request: XMLElement) {
    let malformed = JingleError.malformedAttribute("senders", of: "content")
    guard !modified.contains(where: { $0.skipped.contains(malformed) }) else { return refuse(request, malformed) }
    guard modified.allSatisfy(isKnown) else {
      answer(request, .itemNotFound)
      return
    }
    // If both parties request a change at the same time, the initiator's takes precedence (XEP-0166 section 7.2.16).
    // Two equal requests do not conflict.
    let contradicts = pending.contains { purpose in
      guard case .modify(let content, let senders) = purpose else { return false }
      return modified.contains { $0.name == content && ($0.senders ?? .both) != senders }
    }
    guard role == .responder || !contradicts else {
      answer(request, .tieBreak)
      return
    }
    answer(request, .result)
    for content in modified { setSenders(content.senders ?? .both, of: content.name) }
  }

  /// Refuses to add contents. Conversations asks to add its own content if the offered one does not allow it to send. A
  /// content-reject of one content leaves the call intact, one of audio and video together ends it, and without a
  /// response it stays intact too.
  private mutating func receiveAdd(_ added: [Content], _ request: XMLElement, now: NIODeadline) {
    answer(request, .result)
    guard added.count == 1, let content = added.first else { return }
    // Conversations compares name, media and senders with its request and requires a transport.
    let stub = Content(
      creator: content.creator, name: content.name, senders: content.senders,
      description: content.description.map { RTPDescription(media: $0.media) }, transport: ICEUDPTransport())
    self.request(.contentReject, contents: [stub], now: now)
  }

  private mutating func receiveRemove(_ jingle: Jingle, _ request: XMLElement, now: NIODeadline) {
    answer(request, .result)
    for removed in jingle.contents {
      guard let index = contents.firstIndex(where: { $0.name == removed.name && $0.creator == removed.creator }) else {
        // It is most likely a content that was never added, so the request is fulfilled already.
        continue
      }
      contents.remove(at: index)
      emit(.contentRemoved(content: removed.name))
    }
    // A session without contents is terminated (XEP-0166 section 7.2.5).
    if contents.isEmpty {
      terminate(Reason(.success), as: .endedByPeer(jingle.reason ?? Reason(.success)), now: now)
    }
  }

  /// Refuses to replace the transport: the response contains the proposed one, whatever it is, and ICE-UDP stays in use
  /// (XEP-0166 section 7.2.14).
  private mutating func receiveTransportReplace(_ request: XMLElement, now: NIODeadline) {
    answer(request, .result)
    guard let proposal = request.first("jingle", Namespace.jingle) else { return }
    var refusal = Jingle(
      action: .transportReject, sid: sid, initiator: role == .initiator ? local : peer
    ).element
    for content in proposal.all("content", Namespace.jingle) {
      var stub = XMLElement("content", namespace: Namespace.jingle)
      stub["creator"] = content["creator"]
      stub["name"] = content["name"]
      if let transport = content.elements.first(where: { $0.name == "transport" }) {
        stub.append(XMLElement(transport.name, namespace: transport.namespace))
      }
      refusal.append(stub)
    }
    self.request(payload: refusal, now: now)
  }

  func isKnown(_ content: Content) -> Bool {
    contents.contains { $0.name == content.name }
  }

  private mutating func setSenders(_ senders: Content.Senders, of name: String) {
    guard let index = contents.firstIndex(where: { $0.name == name }) else { return }
    contents[index].senders = senders
    emit(.sendersChanged(content: name, senders))
  }
}
