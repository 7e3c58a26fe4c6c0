import Jingle
import NIOCore
import Testing
import XMPP

@Suite("Offering the session")
struct OfferTests {
  @Test(
    "the offer is sent to the device that took the call, in the form that clients expect",
    arguments: [
      "session-initiate", "session-initiate-audio-video",
    ])
  func initiate(name: String) throws {
    let offer = try Fixture.jingle(name)
    let caller = try Caller(media: offer.contents.count == 1 ? [.video] : [.audio, .video])
    caller.call.propose(now: caller.now)
    caller.receive(try Fixture.stanza("proceed"))
    caller.discard()
    caller.call.initiate(contents: offer.contents, group: offer.groups.first, now: caller.now)
    caller.call.initiate(contents: offer.contents, group: offer.groups.first, now: caller.now)
    #expect(try caller.sent() == [Fixture.stanza(name)])
  }

  @Test("no offer is sent before a device took the call")
  func early() throws {
    let caller = try Caller.proposed()
    caller.call.initiate(contents: try Fixture.jingle("session-initiate").contents, now: caller.now)
    #expect(caller.sent().isEmpty && caller.call.state == .proposed)
  }

  @Test("a peer with a resource is offered the session without a propose or a finish")
  func direct() throws {
    let caller = try Caller(peer: Caller.phone)
    caller.call.propose(now: caller.now)
    #expect(caller.told() == [.proceeded(by: try JID(Caller.phone))])
    caller.call.initiate(contents: try Fixture.jingle("session-initiate").contents, now: caller.now)
    #expect(caller.sent().actions == ["session-initiate"])
    caller.receive(Caller.result(id: "s1-1"))
    caller.request(.sessionInfo, info: .ringing)
    #expect(caller.told() == [.ringing])
    #expect(caller.call.deadline == caller.now + .seconds(60))
    caller.wait(.seconds(60))
    let sent = caller.sent()
    #expect(sent.actions == ["session-terminate"] && sent.messages.isEmpty)
    #expect(caller.told() == [.ended(.timeout)])
  }

  @Test("an offer that nobody acknowledges ends the call as unreachable")
  func unacknowledged() throws {
    let caller = try Caller.offered()
    caller.wait(.seconds(20) - .nanoseconds(1))
    #expect(caller.told().isEmpty)
    caller.wait(.nanoseconds(1))
    #expect(caller.told() == [.ended(.unreachable(condition: nil))])
    let sent = caller.sent()
    #expect(sent.actions == ["session-terminate"] && sent.messages == ["finish"])
  }

  @Test("an offer that is acknowledged but not answered is terminated with timeout")
  func unanswered() throws {
    let caller = try Caller.offered()
    caller.receive(Caller.result(id: "s1-1"))
    caller.wait(.seconds(30))
    #expect(caller.told() == [.ended(.timeout)])
    #expect(caller.sent().first?.jingle?.first("reason", "urn:xmpp:jingle:1")?.elements.first?.name == "timeout")
  }

  static let errors: [(String, String?, CallOutcome)] = [
    ("service-unavailable", nil, .noJingle),
    ("feature-not-implemented", nil, .noJingle),
    ("recipient-unavailable", nil, .unreachable(condition: "recipient-unavailable")),
    ("remote-server-timeout", nil, .unreachable(condition: "remote-server-timeout")),
    ("conflict", "tie-break", .yielded),
    ("bad-request", nil, .failed(Reason(.generalError, text: "bad-request"))),
  ]

  @Test("an error in response to the offer ends the call with its condition", arguments: errors)
  func refused(condition: String, jingle: String?, outcome: CallOutcome) throws {
    let caller = try Caller.offered()
    #expect(caller.receive(Caller.error(id: "s1-1", condition, jingle: jingle)))
    #expect(caller.told() == [.ended(outcome)])
    #expect(caller.sent().actions.isEmpty)
  }

  @Test("responses from others, or to no request of ours, are ignored")
  func forgedReply() throws {
    let caller = try Caller.offered()
    for from in ["ann@example.net/tablet", "ann@example.net", "eve@example.net/phone"] {
      #expect(!caller.receive(Caller.error(id: "s1-1", "service-unavailable", from: from)))
    }
    #expect(!caller.receive(Caller.result(id: "s1-9")))
    #expect(caller.told().isEmpty)
  }
}
