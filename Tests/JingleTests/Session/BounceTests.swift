import Jingle
import Testing
import XMPP

@Suite("A propose that comes back")
struct BounceTests {
  private func bounce(_ condition: String, from: String = "ann@example.net") throws -> XMLElement {
    try Fixture.stanza("propose").with("type", "error").with("from", from).with("to", Caller.local)
      .adding(Caller.errorElement(condition))
  }

  @Test(
    "a bounced propose ends the call as unreachable with its condition",
    arguments: [
      "recipient-unavailable", "service-unavailable", "remote-server-not-found",
    ])
  func unreachable(condition: String) throws {
    let caller = try Caller.proposed()
    #expect(caller.receive(try bounce(condition)))
    #expect(caller.told() == [.ended(.unreachable(condition: condition))])
    #expect(caller.sent().isEmpty && caller.call.deadline == nil)
  }

  @Test("a propose returned by one device is ignored, since others may ring")
  func oneDevice() throws {
    let caller = try Caller.proposed()
    #expect(caller.receive(try bounce("service-unavailable", from: "ann@example.net/laptop")))
    #expect(caller.told().isEmpty && caller.call.state == .proposed)
  }

  @Test("a bounce is ignored after a device took the call, or if a stranger forges it")
  func late() throws {
    var caller = try Caller.proceeded()
    caller.receive(try bounce("recipient-unavailable"))
    #expect(caller.told().isEmpty)
    caller = try Caller.proposed()
    #expect(!caller.receive(try bounce("recipient-unavailable", from: "eve@example.net")))
    #expect(!caller.receive(try bounce("recipient-unavailable").with("id", "other")))
    #expect(caller.told().isEmpty)
  }

  @Test("a bounce is never taken for the answer that it quotes")
  func quoted() throws {
    let caller = try Caller.proposed()
    caller.receive(try Caller.message(.proceed).with("type", "error"))
    #expect(caller.told().isEmpty)
  }
}
