import Jingle
import NIOCore
import Testing
import XMPP

@Suite("Changing a session")
struct ModifyTests {
  @Test("candidates are sent per content and without a fingerprint")
  func trickle() throws {
    let caller = try Caller.offered()
    var transport = try #require(try Fixture.jingle("transport-info").contents[0].transport)
    transport.fingerprints = [DTLSFingerprint(setup: .actpass, text: "AA:BB:CC")]
    caller.call.sendTransportInfo(content: "0", transport: transport, now: caller.now)
    caller.call.sendTransportInfo(content: "unknown", transport: transport, now: caller.now)
    #expect(try caller.sent() == [Fixture.stanza("transport-info")])
  }

  @Test("our content-modify takes effect once the peer agrees")
  func modify() throws {
    let caller = try Caller.answered()
    caller.call.modifySenders(content: "0", to: .initiator, now: caller.now)
    #expect(try caller.sent() == [Fixture.stanza("content-modify")])
    #expect(caller.told().isEmpty)
    caller.receive(Caller.result(id: "s1-2"))
    #expect(caller.told() == [.sendersChanged(content: "0", .initiator)])
    #expect(caller.call.session?.contents[0].senders == .initiator)
  }

  @Test("a refused or unanswered content-modify changes nothing", arguments: [false, true])
  func modifyRefused(silently: Bool) throws {
    let caller = try Caller.answered()
    caller.call.modifySenders(content: "0", to: .both, now: caller.now)
    if silently { caller.wait(.seconds(20)) } else { caller.receive(Caller.error(id: "s1-2", "not-acceptable")) }
    #expect(caller.told() == [.sendersRefused(content: "0")])
    #expect(caller.call.session?.contents[0].senders == .initiator && caller.call.session?.phase == .active)
  }

  @Test("the peer's content-modify is accepted, even before the answer", arguments: [false, true])
  func peerModifies(early: Bool) throws {
    let caller = early ? try Caller.offered() : try Caller.answered()
    caller.request(.contentModify, contents: [Content(name: "0", senders: .both)])
    #expect(caller.sent().replies == ["result"])
    #expect(caller.told() == [.sendersChanged(content: "0", .both)])
  }

  @Test("a content-modify of an unknown content changes nothing")
  func peerModifiesUnknown() throws {
    let caller = try Caller.answered()
    caller.request(.contentModify, contents: [Content(name: "0", senders: .both), Content(name: "x", senders: .both)])
    #expect(caller.sent().replies == ["item-not-found"])
    #expect(caller.told().isEmpty)
  }

  @Test("of two simultaneous content-modify requests the initiator's takes precedence unless they agree")
  func tieBreak() throws {
    let caller = try Caller.answered()
    caller.call.modifySenders(content: "0", to: .both, now: caller.now)
    caller.discard()
    caller.request(.contentModify, contents: [Content(name: "0", senders: .responder)])
    #expect(caller.sent().replies == ["conflict tie-break"])
    #expect(caller.told().isEmpty)
    caller.request(.contentModify, contents: [Content(name: "0", senders: .both)])
    #expect(caller.sent().replies == ["result"])
    caller.receive(Caller.result(id: "s1-2"))
    caller.request(.contentModify, contents: [Content(name: "0", senders: .responder)])
    #expect(caller.sent().replies == ["result"])
  }

  @Test("a content-add of one content is rejected with its own attributes, and the call continues")
  func contentAdd() throws {
    let caller = try Caller.answered()
    var added = try Fixture.jingle("session-accept").contents[0]
    added.name = "1"
    added.creator = .responder
    added.senders = .responder
    caller.request(.contentAdd, contents: [added])
    let sent = caller.sent()
    #expect(sent.replies == ["result"] && sent.actions == ["content-reject"])
    let stub = Content(
      creator: .responder, name: "1", senders: .responder, description: RTPDescription(media: .video),
      transport: ICEUDPTransport())
    #expect(sent.last?.jingle?.elements == [stub.element])
    #expect(caller.told().isEmpty && caller.call.session?.phase == .active)
  }

  @Test("a content-add of audio and video together is only acknowledged")
  func contentAddBoth() throws {
    let caller = try Caller.answered()
    caller.request(.contentAdd, contents: try Fixture.jingle("session-accept-audio-video").contents)
    let sent = caller.sent()
    #expect(sent.replies == ["result"] && sent.actions.isEmpty)
    #expect(caller.told().isEmpty && caller.call.session?.phase == .active)
  }

  @Test("a content-remove of an unknown content is acknowledged, and of the last one ends the session")
  func contentRemove() throws {
    let caller = try Caller.answered()
    caller.request(.contentRemove, contents: [Content(creator: .responder, name: "0"), Content(name: "7")])
    #expect(caller.sent().replies == ["result"])
    #expect(caller.told().isEmpty)
    caller.request(.contentRemove, contents: [Content(name: "0")], reason: Reason(.success))
    let sent = caller.sent()
    #expect(sent.replies == ["result"] && sent.actions == ["session-terminate"])
    #expect(caller.told() == [.contentRemoved(content: "0"), .ended(.endedByPeer(Reason(.success)))])
  }

  @Test("a refused candidate or an unreachable peer ends nothing, but an unknown session does")
  func errors() throws {
    let caller = try Caller.answered()
    let transport = ICEUDPTransport(usernameFragment: "u", password: "p")
    for _ in 0..<3 { caller.call.sendTransportInfo(content: "0", transport: transport, now: caller.now) }
    caller.discard()
    caller.receive(Caller.error(id: "s1-2", "bad-request"))
    caller.receive(Caller.error(id: "s1-3", "service-unavailable"))
    #expect(caller.told().isEmpty)
    caller.receive(Caller.error(id: "s1-4", "item-not-found", jingle: "unknown-session"))
    #expect(caller.told() == [.ended(.failed(Reason(.gone)))])
    #expect(caller.sent().actions.isEmpty)
  }

  @Test("an ICE restart has new credentials without candidates, and an error refuses it except in a tie")
  func iceRestart() throws {
    for (condition, jingle, isRefused) in [
      ("not-acceptable", nil as String?, true), ("conflict", "tie-break", false), (nil as String?, nil, false),
    ] {
      let caller = try Caller.answered()
      caller.call.restartICE(content: "0", usernameFragment: "new", password: "secret", now: caller.now)
      let jingles = try caller.sent().compactMap(\.jingle).map { try Jingle($0) }
      #expect(jingles.map(\.action) == [.transportInfo])
      #expect(
        jingles[0].contents == [
          Content(name: "0", transport: ICEUDPTransport(usernameFragment: "new", password: "secret"))
        ])
      if let condition { caller.receive(Caller.error(id: "s1-2", condition, jingle: jingle)) }
      caller.wait(.seconds(20))
      #expect(caller.told() == (isRefused ? [.iceRestartRefused(content: "0")] : []))
      #expect(caller.call.session?.phase == .active)
    }
  }

  @Test("the number of requests that await a response is bounded")
  func manyRequests() throws {
    let caller = try Caller.answered()
    let transport = ICEUDPTransport(usernameFragment: "u", password: "p")
    for _ in 0..<500 { caller.call.sendTransportInfo(content: "0", transport: transport, now: caller.now) }
    #expect(caller.sent().count == 500)
    #expect(!caller.receive(Caller.result(id: "s1-2")))
    #expect(caller.receive(Caller.result(id: "s1-501")))
    caller.wait(.seconds(20))
    #expect(caller.told().isEmpty && caller.call.deadline == nil)
  }
}
