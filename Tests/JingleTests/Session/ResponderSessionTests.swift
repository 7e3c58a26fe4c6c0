import Jingle
import NIOCore
import Testing
import XMPP

@Suite("A session in the role of the responder")
struct ResponderSessionTests {
  @Test("a responder sends no offer, takes no answer, and yields its content-modify to the initiator's")
  func responder() throws {
    let now = NIODeadline.uptimeNanoseconds(1)
    let offer = try Fixture.jingle("session-initiate")
    var session = JingleSession(
      sid: "s1", local: try JID(Caller.local), peer: try JID(Caller.phone), role: .responder,
      contents: offer.contents, groups: [], requestTimeout: .seconds(20), now: now)
    let offered = session.pollTransmit()
    #expect(offered == nil)
    let refused = try exchange(&session, Fixture.stanza("session-accept"), now)
    #expect(refused.replies == ["unexpected-request out-of-order"])
    session.modifySenders(content: "0", to: .both, now: now)
    let request = session.pollTransmit()
    #expect(request?.jingle?["initiator"] == Caller.phone)
    let modify = Jingle(action: .contentModify, sid: "s1", contents: [Content(name: "0", senders: .responder)])
    let agreed = exchange(&session, Caller.iq(modify.element, id: "1"), now)
    #expect(agreed.replies == ["result"])
    let event = session.pollEvent()
    #expect(event == .sendersChanged(content: "0", .responder))
  }

  private func exchange(_ session: inout JingleSession, _ stanza: XMLElement, _ now: NIODeadline) -> [XMLElement] {
    guard session.receive(stanza, now: now) else { return [] }
    var answers: [XMLElement] = []
    while let answer = session.pollTransmit() { answers.append(answer) }
    return answers
  }
}
