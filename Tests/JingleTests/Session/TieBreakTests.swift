import Jingle
import Testing
import XMPP

@Suite("Both call at once")
struct TieBreakTests {
  @Test("a propose with a higher id is rejected as a tie and ours goes on")
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

  @Test("to one with a lower id ours is retracted, and whoever answers calls sees it")
  func lower() throws {
    let caller = try Caller.proposed()
    #expect(!caller.receive(try Caller.message(.propose([.video]), id: "s0")))
    #expect(try caller.sent() == [Fixture.stanza("retract-tie-break")])
    #expect(caller.told() == [.ended(.yielded)])
  }

  @Test(
    "ids compare octet by octet: a prefix and capitals come first",
    arguments: [("S1", true), ("s", true), ("s10", false)])
  func octets(theirs: String, yields: Bool) throws {
    let caller = try Caller.proposed()
    caller.receive(try Caller.message(.propose([.video]), id: theirs))
    #expect(caller.told() == (yields ? [.ended(.yielded)] : []))
  }

  @Test(
    "of equal ids the lower JID's goes first",
    arguments: [("ann@example.net/phone", true), ("dan@example.net/a", false)])
  func equal(from: String, yields: Bool) throws {
    let caller = try Caller(peer: String(from.prefix { $0 != "/" }))
    caller.call.propose(now: caller.now)
    caller.receive(try Caller.message(.propose([.video]), from: from))
    #expect(caller.told() == (yields ? [.ended(.yielded)] : []))
  }

  @Test("another person's propose, or one after the call was taken, is no tie")
  func noTie() throws {
    let caller = try Caller.proposed()
    #expect(!caller.receive(try Caller.message(.propose([.video]), id: "s0", from: "eve@example.net/phone")))
    caller.receive(try Fixture.stanza("proceed"))
    caller.discard()
    #expect(!caller.receive(try Caller.message(.propose([.video]), id: "s0")))
    #expect(caller.sent().isEmpty && caller.told().isEmpty)
  }

  @Test("a reject with a tie-break says that the other call goes first")
  func rejected() throws {
    let caller = try Caller.proposed()
    caller.receive(try Caller.message(.reject(Reason(.expired), tieBreak: true)))
    #expect(caller.told() == [.ended(.yielded)])
  }

  @Test("an offer that crosses ours and has the higher sid gets a conflict, a lower one goes to who answers calls")
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

  @Test("our own propose, returned because we call our own account, is no tie")
  func ownAccount() throws {
    let caller = try Caller(peer: "cam@example.org")
    caller.call.propose(now: caller.now)
    let propose = try #require(caller.sent().first)
    #expect(caller.receive(propose.with("from", Caller.local)))
    #expect(caller.sent().isEmpty && caller.told().isEmpty)
  }
}
