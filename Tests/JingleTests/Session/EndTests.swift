import Jingle
import NIOCore
import Testing
import XMPP

@Suite("Ending a session")
struct EndTests {
  @Test("hanging up sends session-terminate and then finish, in the form that clients expect")
  func hangUp() throws {
    let caller = try Caller.answered()
    caller.call.terminate(Reason(.success, text: "stream ended"), now: caller.now)
    caller.call.terminate(Reason(.success), now: caller.now)
    #expect(try caller.sent() == [Fixture.stanza("session-terminate"), Fixture.stanza("finish")])
    #expect(caller.told() == [.ended(.hungUp)])
    #expect(caller.receive(Caller.result(id: "s1-2")))
    #expect(caller.call.deadline == nil)
    caller.wait(.hours(1))
    #expect(caller.sent().isEmpty && caller.told().isEmpty)
  }

  @Test("ending the call between offer and answer cancels it")
  func cancelOffer() throws {
    let caller = try Caller.offered()
    caller.call.cancel(now: caller.now)
    let sent = caller.sent()
    #expect(sent.actions == ["session-terminate"] && sent.messages == ["finish"])
    #expect(sent.first?.jingle?.first("reason", "urn:xmpp:jingle:1") == Reason(.cancel).element)
    #expect(caller.told() == [.ended(.cancelled)])
  }

  @Test(
    "an error on our side is reported to the peer with its reason",
    arguments: [
      Reason.Condition.connectivityError, .securityError, .mediaError,
    ])
  func fault(condition: Reason.Condition) throws {
    let caller = try Caller.answered()
    caller.call.terminate(Reason(condition), now: caller.now)
    #expect(caller.sent().actions == ["session-terminate"])
    #expect(caller.told() == [.ended(.failed(Reason(condition)))])
  }

  static let early: [(Reason?, CallOutcome)] = [
    (Reason(.decline), .declined), (Reason(.busy), .busy), (Reason(.timeout), .timeout),
    (Reason(.cancel), .endedByPeer(Reason(.cancel))), (nil, .endedByPeer(Reason(.success))),
    (Reason(.securityError), .endedByPeer(Reason(.securityError))),
  ]

  @Test("the peer may end the session before the answer", arguments: early)
  func peerDeclines(reason: Reason?, outcome: CallOutcome) throws {
    let caller = try Caller.offered()
    caller.request(.sessionTerminate, reason: reason)
    let sent = caller.sent()
    #expect(sent.replies == ["result"] && sent.actions.isEmpty && sent.messages == ["finish"])
    #expect(caller.told() == [.ended(outcome)])
  }

  @Test(
    "the peer may end an established call with any reason", arguments: ["success", "decline", "failed_application"])
  func peerHangsUp(condition: String) throws {
    let caller = try Caller.answered()
    let reason = Reason(.init(rawValue: condition))
    caller.request(.sessionTerminate, reason: reason)
    #expect(caller.sent().replies == ["result"])
    #expect(caller.told() == [.ended(.endedByPeer(reason))])
  }

  @Test("a finish of the peer's device ends the session, and one of another device does not")
  func finish() throws {
    let caller = try Caller.answered()
    caller.receive(try Caller.message(.finish(Reason(.success), migratedTo: nil), from: "ann@example.net/tablet"))
    caller.receive(try Caller.message(.reject(Reason(.busy), tieBreak: false), from: "ann@example.net/tablet"))
    #expect(caller.told().isEmpty)
    caller.receive(try Caller.message(.finish(Reason(.success), migratedTo: nil)))
    #expect(caller.told() == [.ended(.endedByPeer(Reason(.success)))])
  }

  @Test("after the end a session-terminate is acknowledged, and other requests get unknown-session")
  func afterwards() throws {
    let caller = try Caller.answered()
    caller.call.cancel(now: caller.now)
    caller.discard()
    caller.request(.sessionTerminate, reason: Reason(.success))
    caller.request(.transportInfo)
    caller.receive(Caller.iq(Jingle(action: .sessionInfo, sid: "s1").element.with("action", "x"), id: "1"))
    #expect(
      caller.sent().replies == ["result", "item-not-found unknown-session", "item-not-found unknown-session"])
    #expect(caller.told().isEmpty)
    caller.call.modifySenders(content: "0", to: .both, now: caller.now)
    caller.call.sendTransportInfo(content: "0", transport: ICEUDPTransport(), now: caller.now)
    #expect(caller.sent().isEmpty)
  }

  @Test("a premature timeout is harmless")
  func earlyTimeout() throws {
    for caller in [try Caller(), try .proposed(), try .proceeded(), try .offered(), try .answered()] {
      let before = caller.call.state
      caller.wait(.nanoseconds(1))
      #expect(caller.call.state == before && caller.sent().isEmpty && caller.told().isEmpty)
    }
  }
}
