import Jingle
import NIOCore
import Testing
import XMPP

@Suite("Every request of the peer gets one reply")
struct RequestTests {
  enum Stage: CaseIterable { case offered, answered, ended }

  private func caller(in stage: Stage) throws -> Caller {
    switch stage {
    case .offered: return try Caller.offered()
    case .answered: return try Caller.answered()
    case .ended:
      let caller = try Caller.answered()
      caller.call.cancel(now: caller.now)
      caller.discard()
      return caller
    }
  }

  @Test(
    "every request gets exactly one response, whatever its action and the state", arguments: JingleAction.allCases,
    Stage.allCases)
  func oneReply(action: JingleAction, stage: Stage) throws {
    let caller = try caller(in: stage)
    #expect(caller.request(action, contents: try Fixture.jingle("session-accept").contents))
    let replies = caller.sent().filter { $0["type"] != "set" && $0.name == "iq" }
    #expect(replies.count == 1)
    #expect(replies.first?["to"] == Caller.phone && replies.first?["id"] == "ann-1")
  }

  @Test(
    "actions out of order get out-of-order and change nothing",
    arguments: [
      JingleAction.sessionInitiate, .contentAccept, .contentReject, .transportAccept, .transportReject, .sessionAccept,
    ])
  func outOfOrder(action: JingleAction) throws {
    let caller = try Caller.answered()
    caller.request(action, contents: try Fixture.jingle("session-accept").contents)
    #expect(caller.sent().replies == ["unexpected-request out-of-order"])
    #expect(caller.told().isEmpty && caller.call.session?.phase == .active)
  }

  @Test("an unknown action and security-info get feature-not-implemented")
  func unknownAction() throws {
    let caller = try Caller.answered()
    let dance = Jingle(action: .sessionInfo, sid: "s1").element.with("action", "session-dance")
    caller.receive(Caller.iq(dance, id: "1"))
    caller.request(.securityInfo)
    #expect(caller.sent().replies == ["feature-not-implemented", "feature-not-implemented"])
    #expect(caller.told().isEmpty)
  }

  @Test("error responses have a recipient, an id, a type and a condition")
  func errorForm() throws {
    let caller = try Caller.answered()
    caller.request(.contentAccept)
    let expected = XMLElement(
      "iq", namespace: "jabber:client", attributes: ["to": Caller.phone, "id": "ann-1", "type": "error"],
      children: [.element(Caller.errorElement("unexpected-request", type: "wait", jingle: "out-of-order"))])
    #expect(caller.sent() == [expected])
  }

  @Test(
    "a request with unreadable contents gets bad-request with a text, and the call continues",
    arguments: [
      JingleAction.transportInfo, .descriptionInfo, .contentAdd, .contentModify, .contentRemove,
    ])
  func malformed(action: JingleAction) throws {
    let caller = try Caller.answered()
    let contents = caller.call.session?.contents
    caller.request(action, contents: [Content(name: "")])
    let sent = caller.sent()
    #expect(sent.replies == ["bad-request text"] && sent.actions.isEmpty)
    #expect(sent.texts == ["<content/> lacks the attribute 'name'"])
    #expect(caller.told() == [.unreadable(.missingAttribute("name", of: "content"))])
    #expect(caller.call.session?.contents == contents)
  }

  @Test("a request without an action gets bad-request too")
  func actionless() throws {
    let caller = try Caller.answered()
    caller.receive(Caller.iq(Jingle(action: .sessionInfo, sid: "s1").element.with("action", nil), id: "1"))
    #expect(caller.sent().texts == ["<jingle/> lacks the attribute 'action'"])
    #expect(caller.told() == [.unreadable(.missingAttribute("action", of: "jingle"))])
  }

  @Test("an unreadable content does not affect the candidates of the others")
  func partly() throws {
    let caller = try Caller.answered()
    let transport = ICEUDPTransport(
      candidates: [.init(id: "", foundation: "1", ip: "192.0.2.1", port: 9, priority: 1, kind: .host)])
    caller.request(.transportInfo, contents: [Content(name: ""), Content(name: "0", transport: transport)])
    #expect(caller.sent().replies == ["result"])
    #expect(
      caller.told() == [
        .unreadable(.missingAttribute("name", of: "content")), .transportInfo(content: "0", transport),
      ])
  }

  @Test("a content-modify with invalid senders is refused and not read as both")
  func malformedSenders() throws {
    let caller = try Caller.answered()
    var modify = Jingle(action: .contentModify, sid: "s1").element
    modify.append(Content(name: "0").element.with("senders", "nobody"))
    caller.receive(Caller.iq(modify, id: "1"))
    #expect(caller.sent().texts == ["<content/> has a malformed attribute 'senders'"])
    #expect(caller.told() == [.unreadable(.malformedAttribute("senders", of: "content"))])
  }

  @Test("a session-terminate ends the session, whatever else it contains")
  func terminate() throws {
    let caller = try Caller.answered()
    caller.request(.sessionTerminate, contents: [Content(name: "")], reason: Reason(.success))
    #expect(caller.sent().replies == ["result"])
    #expect(caller.told() == [.ended(.endedByPeer(Reason(.success)))])
  }

  @Test("a ping, mute and similar session-info are acknowledged, and unknown ones get unsupported-info")
  func info() throws {
    let caller = try Caller.answered()
    caller.request(.sessionInfo)
    caller.request(.sessionInfo, info: .mute(creator: .responder, name: "0"))
    caller.request(.sessionInfo, info: .unknown(name: "sing", namespace: "urn:x"))
    #expect(caller.sent().replies == ["result", "result", "feature-not-implemented unsupported-info"])
    #expect(caller.told() == [.info(.mute(creator: .responder, name: "0"))])
  }

  @Test("a request that is delivered twice gets the same response and takes effect once")
  func duplicate() throws {
    let caller = try Caller.offered()
    let accept = try Fixture.stanza("session-accept")
    caller.receive(accept)
    caller.receive(accept)
    #expect(caller.sent().replies == ["result", "result"])
    #expect(caller.told().count == 1)
    // The same id with another content is another request.
    caller.receive(Caller.iq(Jingle(action: .contentAccept, sid: "s1").element, id: "d7"))
    #expect(caller.sent().replies == ["unexpected-request out-of-order"])
  }

  @Test("each of the last 32 requests is recognized when repeated")
  func recent() throws {
    let caller = try Caller.answered()
    let requests = (0..<34).map {
      Caller.iq(Jingle(action: .sessionInfo, sid: "s1", info: .active).element, id: "\($0)")
    }
    for request in requests { caller.receive(request) }
    caller.discard()
    for request in requests.suffix(32) { caller.receive(request) }
    #expect(caller.sent().replies == Array(repeating: "result", count: 32))
    #expect(caller.told().isEmpty)
    caller.receive(requests[0])
    #expect(caller.told() == [.info(.active)])
  }

  @Test("a transport-info is reported for contents of the session and acknowledged for others")
  func transportInfo() throws {
    let caller = try Caller.answered()
    var transport = try #require(try Fixture.jingle("transport-info").contents[0].transport)
    let known = caller.call.session?.contents[0].transport
    (transport.usernameFragment, transport.password) = (known?.usernameFragment, known?.password)
    caller.request(.transportInfo, contents: [Content(name: "0", transport: transport)])
    caller.request(.transportInfo, contents: [Content(name: "other", transport: transport)])
    caller.request(.transportInfo, contents: [Content(name: "0")])
    #expect(caller.sent().replies == ["result", "result", "result"])
    #expect(caller.told() == [.transportInfo(content: "0", transport)])
  }

  @Test("a transport-info is accepted before the answer too")
  func earlyTransportInfo() throws {
    let caller = try Caller.offered()
    let transport = ICEUDPTransport(usernameFragment: "u", password: "p")
    caller.request(.transportInfo, contents: [Content(name: "0", transport: transport)])
    #expect(caller.told() == [.transportInfo(content: "0", transport)])
    // Whoever trickles has the offer.
    caller.wait(.seconds(20))
    #expect(caller.told().isEmpty)
  }

  @Test("a description-info is reported")
  func descriptionInfo() throws {
    let caller = try Caller.answered()
    let description = RTPDescription(media: .video)
    caller.request(.descriptionInfo, contents: [Content(name: "0", description: description)])
    #expect(caller.sent().replies == ["result"])
    #expect(caller.told() == [.descriptionInfo(content: "0", description)])
  }

  @Test("a transport-replace is acknowledged and rejected with the proposed transport")
  func transportReplace() throws {
    let caller = try Caller.answered()
    var content = Content(name: "0").element
    content.append(XMLElement("transport", namespace: "urn:xmpp:jingle:transports:raw-udp:1", attributes: ["a": "b"]))
    let replace = Jingle(action: .transportReplace, sid: "s1").element.adding(content)
    caller.receive(Caller.iq(replace, id: "1"))
    let sent = caller.sent()
    #expect(sent.replies == ["result"] && sent.actions == ["transport-reject"])
    let stub = Content(name: "0").element.adding(
      XMLElement("transport", namespace: "urn:xmpp:jingle:transports:raw-udp:1"))
    #expect(sent.last?.jingle?.elements == [stub])
  }

  @Test("requests for another session or from another device are left to others", arguments: JingleAction.allCases)
  func notOurs(action: JingleAction) throws {
    let caller = try Caller.answered()
    #expect(!caller.request(action, sid: "s2"))
    #expect(!caller.request(action, from: "ann@example.net/tablet"))
    #expect(!caller.request(action, from: "ann@example.net"))
    #expect(!caller.request(action, from: "eve@example.net/phone"))
    #expect(caller.sent().isEmpty && caller.told().isEmpty && caller.call.session?.phase == .active)
  }
}
