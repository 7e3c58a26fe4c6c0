import Jingle
import Testing
import XMPP

@Suite("Both call at once")
struct TieBreakTests {
  @Test("a propose with a higher ID is rejected as a tie, and ours continues")
  func higher() throws {
    let caller = try Caller.proposed()
    #expect(caller.receive(try Caller.message(.propose([.video]), id: "s2")))
    let rejection = try Fixture.stanza("reject-tie-break")
    #expect(
      try caller.sent() == [
        JingleMessage(id: "s2", .reject(Reason(.expired), tieBreak: true)).stanza(to: JID("ann@example.net"))
      ])
    #expect(rejection.elements.first?.elements.map(\.name) == ["reason", "tie-break"])
    #expect(caller.told().isEmpty && caller.call.state == .proposed)
  }

  @Test("ours is retracted in favour of a propose with a lower ID, which is then offered to others")
  func lower() throws {
    let caller = try Caller.proposed()
    #expect(!caller.receive(try Caller.message(.propose([.video]), id: "s0")))
    #expect(try caller.sent() == [Fixture.stanza("retract-tie-break")])
    #expect(caller.told() == [.ended(.yielded)])
  }

  @Test(
    "IDs are compared octet by octet, so that prefixes and capitals come first",
    arguments: [("S1", true), ("s", true), ("s10", false)])
  func octets(theirs: String, yields: Bool) throws {
    let caller = try Caller.proposed()
    caller.receive(try Caller.message(.propose([.video]), id: theirs))
    #expect(caller.told() == (yields ? [.ended(.yielded)] : []))
  }

  @Test(
    "of two equal IDs the one of the lower JID takes precedence",
    arguments: [("ann@example.net/phone", true), ("dan@example.net/a", false)])
  func equal(from: String, yields: Bool) throws {
    let caller = try Caller(peer: String(from.prefix { $0 != "/" }))
    caller.call.propose(now: caller.now)
    caller.receive(try Caller.message(.propose([.video]), from: from))
    #expect(caller.told() == (yields ? [.ended(.yielded)] : []))
  }

  @Test("a propose of another user, or after the call was taken, is no tie")
  func noTie() throws {
    let caller = try Caller.proposed()
    #expect(!caller.receive(try Caller.message(.propose([.video]), id: "s0", from: "eve@example.net/phone")))
    caller.receive(try Fixture.stanza("proceed"))
    caller.discard()
    #expect(!caller.receive(try Caller.message(.propose([.video]), id: "s0")))
    #expect(caller.sent().isEmpty && caller.told().isEmpty)
  }

  @Test("a reject with a tie-break means that the other call takes precedence")
  func rejected() throws {
    let caller = try Caller.proposed()
    caller.receive(try Caller.message(.reject(Reason(.expired), tieBreak: true)))
    #expect(caller.told() == [.ended(.yielded)])
  }

  @Test("a crossing offer with a higher ID gets a conflict, and one with a lower ID is offered to others")
  func offers() throws {
    let caller = try Caller.offered()
    #expect(caller.request(.sessionInitiate, sid: "s2"))
    #expect(caller.sent().replies == ["conflict tie-break"])
    #expect(!caller.request(.sessionInitiate, sid: "s0"))
    #expect(!caller.request(.sessionInitiate, sid: "s2", from: "ann@example.net/tablet"))
    #expect(!caller.request(.sessionTerminate, sid: "s2"))
    caller.receive(Caller.result(id: "s1-1"))
    #expect(!caller.request(.sessionInitiate, sid: "s2"))
    #expect(caller.sent().isEmpty && caller.told().isEmpty)
  }

  @Test("our own propose, delivered because we call our own account, is no tie")
  func ownAccount() throws {
    let caller = try Caller(peer: "cam@example.org")
    caller.call.propose(now: caller.now)
    let propose = try #require(caller.sent().first)
    #expect(caller.receive(propose.with("from", Caller.local)))
    #expect(caller.sent().isEmpty && caller.told().isEmpty)
  }
}
