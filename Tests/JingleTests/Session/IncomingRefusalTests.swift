import Jingle
import Testing
import XMPP

@Suite("Calls that are not taken")
struct IncomingRefusalTests {
  private func request(_ action: JingleAction) -> XMLElement {
    Caller.iq(Jingle(action: action, sid: "x").element, id: "1")
  }

  @Test("a stranger gets what a server answers for an offline account, or nothing")
  func stranger() throws {
    for action in JingleAction.allCases {
      let expected = Caller.error(id: "1", "service-unavailable").with("from", nil).with("to", Caller.phone)
      #expect(IncomingRefusal.answers(to: request(action), isTrusted: false) == [expected])
    }
    #expect(IncomingRefusal.answers(to: try Caller.message(.propose([.video])), isTrusted: false).isEmpty)
  }

  @Test("the offer of a contact is acknowledged and declined")
  func offer() {
    let answers = IncomingRefusal.answers(to: request(.sessionInitiate), isTrusted: true)
    #expect(answers.replies == ["result"] && answers.actions == ["session-terminate"])
    #expect(answers.last?["to"] == Caller.phone && answers.last?.jingle?["sid"] == "x")
    #expect(answers.last?.jingle?.elements == [Reason(.decline).element])
  }

  @Test("a live propose of a contact is rejected")
  func propose() throws {
    let propose = try Caller.message(.propose([.video]), id: "x")
    let expected = try JingleMessage(id: "x", .reject(Reason(.busy), tieBreak: false)).stanza(to: JID(Caller.phone))
    #expect(IncomingRefusal.answers(to: propose, isTrusted: true, reason: Reason(.busy)) == [expected])
    let stored = propose.adding(XMLElement("delay", namespace: "urn:xmpp:delay"))
    #expect(IncomingRefusal.answers(to: stored, isTrusted: true).isEmpty)
    #expect(IncomingRefusal.answers(to: propose.with("type", "error"), isTrusted: true).isEmpty)
  }

  @Test("a contact's request for an unknown session gets unknown-session, and a malformed one its error")
  func unknownSession() {
    #expect(
      IncomingRefusal.answers(to: request(.transportInfo), isTrusted: true).replies
        == ["item-not-found unknown-session"])
    let jingle = Jingle(action: .sessionInfo, sid: "x").element
    let odd = Caller.iq(jingle.with("action", "dance"), id: "1")
    #expect(IncomingRefusal.answers(to: odd, isTrusted: true).replies == ["feature-not-implemented"])
    let broken = Caller.iq(jingle.with("sid", nil), id: "1")
    #expect(IncomingRefusal.answers(to: broken, isTrusted: true).replies == ["bad-request text"])
    let get = Caller.iq(jingle, id: "1", type: "get")
    #expect(IncomingRefusal.answers(to: get, isTrusted: true).replies == ["service-unavailable"])
  }

  @Test("responses, other messages and stanzas without a sender get no answer")
  func nothing() throws {
    for stanza in [
      Caller.result(id: "1"), Caller.error(id: "1", "bad-request"), try Caller.message(.proceed),
      request(.sessionInitiate).with("from", nil), Caller.iq(XMLElement("ping", namespace: "urn:xmpp:ping"), id: "1"),
    ] {
      #expect(IncomingRefusal.answers(to: stanza, isTrusted: true).isEmpty)
    }
  }
}
