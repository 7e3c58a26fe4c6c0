import Jingle
import NIOCore
import Testing
import XMPP

@Suite("Proposing a call")
struct ProposeTests {
  @Test("the propose is sent once to the bare JID, in the form that clients expect")
  func propose() throws {
    let caller = try Caller(media: [.audio, .video])
    caller.call.propose(now: caller.now)
    caller.call.propose(now: caller.now)
    #expect(try caller.sent() == [Fixture.stanza("propose")])
    #expect(caller.told().isEmpty)
    #expect(caller.call.deadline == caller.now + .seconds(60))
  }

  @Test("a ringing message and a receipt both mean ringing, which is reported once")
  func ringing() throws {
    var caller = try Caller.proposed()
    let receipt = try Fixture.stanza("receipt").with("from", Caller.phone)
    #expect(caller.receive(receipt))
    #expect(caller.told() == [.ringing])
    #expect(caller.receive(try Fixture.stanza("ringing").with("from", Caller.phone)))
    #expect(caller.told().isEmpty)

    caller = try Caller.proposed()
    #expect(caller.receive(try Fixture.stanza("ringing").with("from", Caller.phone)))
    #expect(caller.told() == [.ringing])
  }

  @Test("receipts for other messages and ringing of other calls are ignored")
  func foreignRinging() throws {
    let caller = try Caller.proposed()
    #expect(!caller.receive(DeliveryReceipt(id: "other").stanza(to: caller.call.local).with("from", Caller.phone)))
    #expect(!caller.receive(try Caller.message(.ringing, id: "s2")))
    #expect(!caller.receive(try Caller.message(.ringing, from: "eve@example.net/phone")))
    #expect(caller.told().isEmpty)
  }

  @Test("the device that proceeds becomes the peer of the session")
  func proceed() throws {
    let caller = try Caller.proposed()
    #expect(caller.receive(try Fixture.stanza("proceed")))
    #expect(caller.told() == [.proceeded(by: try JID(Caller.phone))])
    #expect(caller.sent().isEmpty)
  }

  @Test(
    "only a full JID of the called account can proceed",
    arguments: [
      "ann@example.net", "eve@example.net/phone", "ann@example.com/phone", "example.net/phone",
      "ann@example.net.evil.example/phone",
    ])
  func proceedFrom(from: String) throws {
    let caller = try Caller.proposed()
    caller.receive(try Fixture.stanza("proceed").with("from", from))
    #expect(caller.told().isEmpty && caller.call.state == .proposed)
  }

  @Test("a stanza without a sender is ignored")
  func noSender() throws {
    let caller = try Caller.proposed()
    #expect(!caller.receive(try Fixture.stanza("proceed").with("from", nil)))
    #expect(!caller.receive(try Fixture.stanza("proceed").with("from", "@@")))
    #expect(caller.told().isEmpty)
  }

  @Test("a second device that proceeds is ignored")
  func secondProceed() throws {
    let caller = try Caller.proceeded()
    #expect(caller.receive(try Caller.message(.proceed, from: "ann@example.net/tablet")))
    #expect(caller.told().isEmpty)
    #expect(caller.call.state == .proceeded(by: try JID(Caller.phone)))
  }

  @Test("ringing without an answer ends in a retract and a timeout")
  func ringTimeout() throws {
    let caller = try Caller.proposed()
    caller.wait(.seconds(60) - .nanoseconds(1))
    #expect(caller.sent().isEmpty && caller.told().isEmpty)
    caller.wait(.nanoseconds(1))
    #expect(try caller.sent() == [Fixture.stanza("retract")])
    #expect(caller.told() == [.ended(.timeout)])
    #expect(caller.call.deadline == nil)
    caller.receive(try Fixture.stanza("proceed"))
    #expect(caller.told().isEmpty)
  }

  @Test("ending the call while it rings, or before the offer, retracts it", arguments: [false, true])
  func cancel(proceeded: Bool) throws {
    let caller = proceeded ? try Caller.proceeded() : try Caller.proposed()
    caller.call.cancel(now: caller.now)
    caller.call.cancel(now: caller.now)
    #expect(try caller.sent() == [Fixture.stanza("retract")])
    #expect(caller.told() == [.ended(.cancelled)])
  }

  @Test("ending the call before anything was sent sends nothing")
  func cancelIdle() throws {
    let caller = try Caller()
    caller.call.cancel(now: caller.now)
    caller.call.propose(now: caller.now)
    #expect(caller.sent().isEmpty)
    #expect(caller.told() == [.ended(.cancelled)])
  }

  static let rejections: [(Reason?, CallOutcome)] = [
    (Reason(.busy), .busy), (Reason(.decline), .declined), (nil, .declined), (Reason(.cancel), .declined),
    (Reason(.timeout), .timeout),
    (Reason(.mediaError, text: "no camera"), .endedByPeer(Reason(.mediaError, text: "no camera"))),
    (Reason(.init(rawValue: "tired")), .endedByPeer(Reason(.init(rawValue: "tired")))),
  ]

  @Test("a reject ends the call with its reason", arguments: rejections)
  func reject(reason: Reason?, outcome: CallOutcome) throws {
    let caller = try Caller.proposed()
    #expect(caller.receive(try Caller.message(.reject(reason, tieBreak: false))))
    #expect(caller.told() == [.ended(outcome)])
    #expect(caller.sent().isEmpty && caller.call.deadline == nil)
  }

  @Test("once a device took the call, only that device can reject or finish it")
  func rejectAfterProceed() throws {
    var caller = try Caller.proceeded()
    caller.receive(try Caller.message(.reject(Reason(.busy), tieBreak: false), from: "ann@example.net/tablet"))
    caller.receive(try Caller.message(.finish(Reason(.success), migratedTo: nil), from: "ann@example.net/tablet"))
    #expect(caller.told().isEmpty)
    caller.receive(try Caller.message(.reject(Reason(.busy), tieBreak: false)))
    #expect(caller.told() == [.ended(.busy)])

    caller = try Caller.proceeded()
    caller.receive(try Caller.message(.finish(Reason(.gone), migratedTo: nil)))
    #expect(caller.told() == [.ended(.endedByPeer(Reason(.gone)))])
  }

  @Test("a call that was taken ends if no offer is made within a time limit")
  func noOffer() throws {
    let caller = try Caller.proceeded()
    caller.wait(.seconds(30))
    #expect(try caller.sent() == [Fixture.stanza("retract")])
    #expect(caller.told() == [.ended(.timeout)])
  }
}
