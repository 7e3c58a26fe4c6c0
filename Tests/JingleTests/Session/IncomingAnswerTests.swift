import Jingle
import NIOCore
import Testing
import XMPP

@Suite("Our answer, and the call after it")
struct IncomingAnswerTests {
  @Test("our answer is sent once to the caller's device in the form that clients expect")
  func accept() throws {
    let callee = try Callee.offered()
    let answer = try Fixture.jingle("session-accept-audio-video")
    callee.call.accept(contents: answer.contents, group: answer.groups.first, now: callee.now)
    callee.call.accept(contents: answer.contents, group: answer.groups.first, now: callee.now)
    #expect(try callee.sent() == [Fixture.stanza("session-accept-audio-video").with("id", "s1-1")])
    #expect(callee.call.session?.contents.map(\.senders) == [.initiator, .responder])
    callee.receive(Caller.result(id: "s1-1"))
    callee.wait(.hours(1))
    #expect(callee.sent().isEmpty && callee.told().isEmpty && callee.call.deadline == nil)
  }

  @Test("no answer is sent before the offer")
  func early() throws {
    let callee = try Callee.proceeded()
    callee.call.accept(contents: try Fixture.jingle("session-accept-audio-video").contents, now: callee.now)
    #expect(callee.sent().isEmpty && callee.call.state == .proceeded)
  }

  @Test("a recorded call of Dino is answered, with separate transports and trickled candidates")
  func dino() throws {
    let callee = try Callee(try Fixture.stanza("dino-propose"))
    callee.call.answer(now: callee.now)
    callee.discard()
    callee.receive(try Fixture.stanza("dino-session-initiate"))
    #expect(callee.sent().replies == ["result"])
    guard case .offered(let offer, nil)? = callee.told().first else {
      Issue.record("not offered")
      return
    }
    var answer = try Fixture.jingle("session-accept-audio-video")
    for (index, content) in offer.enumerated() { answer.contents[index].name = content.name }
    callee.call.accept(contents: answer.contents, group: ContentGroup(contents: offer.map(\.name)), now: callee.now)
    let accept = try #require(callee.sent().first?.jingle)
    #expect(accept["action"] == "session-accept" && accept.first("group", "urn:xmpp:jingle:apps:grouping:0") == nil)
    for name in ["audio-1", "audio-2", "video-1", "video-2"] {
      #expect(callee.receive(try Fixture.stanza("dino-transport-info-\(name)")))
    }
    #expect(callee.sent().replies == Array(repeating: "result", count: 4))
    let trickled = callee.told().map { event in
      if case .transportInfo(let content, let transport) = event {
        "\(content) \(transport.candidates.count)"
      } else {
        ""
      }
    }
    #expect(trickled == ["audio 1", "audio 1", "video 1", "video 1"])
  }

  @Test(
    "an answer that the peer refuses ends the session, and the peer is told",
    arguments: [
      ("bad-request", CallOutcome.failed(Reason(.generalError, text: "bad-request"))),
      ("service-unavailable", .noJingle), ("recipient-unavailable", .unreachable(condition: "recipient-unavailable")),
    ])
  func acceptRefused(condition: String, outcome: CallOutcome) throws {
    let callee = try Callee.offered()
    callee.call.accept(contents: try Fixture.jingle("session-accept-audio-video").contents, now: callee.now)
    callee.discard()
    #expect(!callee.receive(Caller.error(id: "s1-1", condition, from: "ann@example.net/tablet")))
    #expect(callee.receive(Caller.error(id: "s1-1", condition)))
    #expect(callee.sent().actions == ["session-terminate"])
    #expect(callee.told() == [.ended(outcome)])
  }

  @Test("contents removed before the answer are left out, and without any content the session ends")
  func removedBefore() throws {
    let callee = try Callee.offered()
    callee.request(.contentRemove, contents: [Content(name: "0")])
    #expect(callee.told() == [.contentRemoved(content: "0")])
    callee.discard()
    let answer = try Fixture.jingle("session-accept-audio-video")
    callee.call.accept(contents: answer.contents, group: answer.groups.first, now: callee.now)
    let accept = try Jingle(try #require(callee.sent().first?.jingle))
    #expect(accept.contents.map(\.name) == ["1"] && accept.groups.isEmpty)
    callee.request(.contentRemove, contents: [Content(name: "1")])
    #expect(callee.told().last == .ended(.endedByPeer(Reason(.success))))
  }

  @Test("a content-modify of Dino before the answer is accepted and reported")
  func modifiedBefore() throws {
    let callee = try Callee.offered()
    callee.request(.contentModify, contents: [Content(name: "1", senders: .responder)])
    #expect(callee.sent().replies == ["result"])
    #expect(callee.told() == [.sendersChanged(content: "1", .responder)])
    #expect(callee.call.session?.contents[1].senders == .responder && callee.call.session?.phase == .pending)
  }

  @Test("of two simultaneous content-modify requests the initiator's takes precedence over ours")
  func tieBreak() throws {
    let callee = try Callee.answered()
    callee.call.modifySenders(content: "1", to: .responder, now: callee.now)
    #expect(callee.sent().first?.jingle?["initiator"] == Callee.phone)
    callee.request(.contentModify, contents: [Content(name: "1", senders: .both)])
    #expect(callee.sent().replies == ["result"])
    #expect(callee.told() == [.sendersChanged(content: "1", .both)])
    callee.receive(Caller.error(id: "s1-2", "conflict", jingle: "tie-break"))
    #expect(callee.told() == [.sendersRefused(content: "1")])
    #expect(callee.call.session?.contents[1].senders == .both)
  }

  @Test("a single content-add is rejected and the call continues, and a double one is not answered")
  func contentAdd() throws {
    let callee = try Callee.answered()
    var added = try Fixture.jingle("session-accept").contents[0]
    added.name = "2"
    callee.request(.contentAdd, contents: [added])
    let sent = callee.sent()
    #expect(sent.replies == ["result"] && sent.actions == ["content-reject"])
    // Dino does not know the action.
    callee.receive(Caller.error(id: "s1-2", "feature-not-implemented"))
    callee.request(.contentAdd, contents: [added, added])
    #expect(callee.sent().count == 1)
    #expect(callee.told().isEmpty && callee.call.session?.phase == .active)
  }

  @Test("candidates are sent per content with its creator and without a fingerprint")
  func trickle() throws {
    for callee in [try Callee.offered(), try .answered()] {
      let transport = ICEUDPTransport(
        usernameFragment: "e5F6", password: "a", fingerprint: DTLSFingerprint(setup: .active, text: "AA"))
      callee.call.sendTransportInfo(content: "1", transport: transport, now: callee.now)
      let jingle = try Jingle(try #require(callee.sent().first?.jingle))
      #expect(jingle.contents == [Content(name: "1", transport: .init(usernameFragment: "e5F6", password: "a"))])
      #expect(jingle.initiator?.description == Callee.phone)
    }
  }

  @Test("new credentials are reported once as an ICE restart, and known or missing ones are candidates")
  func restart() throws {
    let callee = try Callee.offered()
    let known = try #require(callee.call.session?.contents[1].transport)
    let same = ICEUDPTransport(usernameFragment: known.usernameFragment, password: known.password)
    let new = ICEUDPTransport(usernameFragment: "new", password: "abcdefghijklmnopqrstuv")
    callee.request(.transportInfo, contents: [Content(name: "1", transport: same)])
    callee.request(.transportInfo, contents: [Content(name: "1", transport: ICEUDPTransport())])
    callee.request(.transportInfo, contents: [Content(name: "1", transport: new)])
    callee.request(.transportInfo, contents: [Content(name: "1", transport: new)])
    callee.request(.transportInfo, contents: [Content(name: "0", transport: new)])
    #expect(
      callee.told() == [
        .transportInfo(content: "1", same), .transportInfo(content: "1", ICEUDPTransport()),
        .iceRestart(content: "1", new), .transportInfo(content: "1", new), .iceRestart(content: "0", new),
      ])
    #expect(callee.sent().replies == Array(repeating: "result", count: 5))
  }

  @Test("session-info and description-info are acknowledged and reported")
  func info() throws {
    let callee = try Callee.answered()
    callee.request(.sessionInfo)
    callee.request(.sessionInfo, info: .mute(creator: .initiator, name: "0"))
    callee.request(.sessionInfo, info: .ringing)
    callee.request(.descriptionInfo, contents: [Content(name: "1", description: RTPDescription(media: .video))])
    #expect(callee.sent().replies == Array(repeating: "result", count: 4))
    #expect(
      callee.told() == [
        .info(.mute(creator: .initiator, name: "0")), .info(.ringing),
        .descriptionInfo(content: "1", RTPDescription(media: .video)),
      ])
  }

  @Test(
    "a caller neither rings nor declines its own call", arguments: [Reason.Condition.decline, .busy, .timeout])
  func callerGivesUp(condition: Reason.Condition) throws {
    let callee = try Callee.offered()
    callee.request(.sessionInfo, info: .ringing)
    #expect(callee.told() == [.info(.ringing)])
    callee.request(.sessionTerminate, reason: Reason(condition))
    let sent = callee.sent()
    #expect(sent.replies == ["result", "result"] && sent.messages == ["finish"])
    #expect(callee.told() == [.ended(.endedByPeer(Reason(condition)))])
  }

  @Test(
    "a retract or finish of the caller's device ends the session, and one of another does not",
    arguments: [
      JingleMessage.Kind.retract(Reason(.cancel), tieBreak: false), .finish(Reason(.cancel), migratedTo: nil),
    ])
  func endsByMessage(kind: JingleMessage.Kind) throws {
    for callee in [try Callee.offered(), try .answered()] {
      #expect(!callee.receive(try Caller.message(kind, from: "ann@example.net/tablet")))
      #expect(callee.told().isEmpty)
      #expect(callee.receive(try Caller.message(kind)))
      #expect(callee.told() == [.ended(.endedByPeer(Reason(.cancel)))])
    }
  }

  @Test("hanging up sends session-terminate and then finish, after which the session is unknown")
  func hangUp() throws {
    let callee = try Callee.answered()
    callee.call.terminate(Reason(.success, text: "stream ended"), now: callee.now)
    callee.call.cancel(now: callee.now)
    #expect(
      try callee.sent() == [Fixture.stanza("session-terminate").with("id", "s1-2"), Fixture.stanza("finish")])
    #expect(callee.told() == [.ended(.hungUp)])
    callee.request(.sessionTerminate, reason: Reason(.success))
    callee.request(.transportInfo)
    #expect(callee.sent().replies == ["result", "item-not-found unknown-session"])
    #expect(!callee.request(.transportInfo, from: "ann@example.net/tablet"))
  }

  @Test("an error on our side is reported with its reason before and after the answer", arguments: [true, false])
  func fault(answered: Bool) throws {
    let callee = answered ? try Callee.answered() : try Callee.offered()
    callee.call.terminate(Reason(.securityError), now: callee.now)
    #expect(callee.sent().actions == ["session-terminate"])
    #expect(callee.told() == [.ended(.failed(Reason(.securityError)))])
  }

  @Test("ending the call between offer and answer cancels it")
  func cancel() throws {
    let callee = try Callee.offered()
    callee.call.cancel(now: callee.now)
    #expect(callee.sent().first?.jingle?.first("reason", "urn:xmpp:jingle:1") == Reason(.cancel).element)
    #expect(callee.told() == [.ended(.cancelled)])
  }
}
