import Jingle
import NIOCore
import Testing
import XMPP

@Suite("A call is proposed to us")
struct IncomingProposeTests {
  @Test("a propose is reported with its media, and nothing is sent before the decision")
  func proposed() throws {
    let callee = try Callee(Callee.propose())
    #expect(callee.told() == [.proposed(from: try JID(Callee.phone), media: [.audio, .video])])
    #expect(callee.sent().isEmpty && callee.call.sid == "s1")
    callee.wait(.seconds(9))
    #expect(callee.sent().isEmpty && callee.told().isEmpty)
  }

  @Test("answering sends receipt, ringing and proceed to the caller and accept to our account")
  func answer() throws {
    let callee = try Callee.proposed()
    callee.call.answer(now: callee.now)
    callee.call.answer(now: callee.now)
    let phone = try JID(Callee.phone)
    #expect(
      try callee.sent() == [
        DeliveryReceipt(id: "jm-propose-s1").stanza(to: phone),
        JingleMessage(id: "s1", .ringing).stanza(to: phone),
        JingleMessage(id: "s1", .proceed).stanza(to: phone),
        Fixture.stanza("accept"),
      ])
    #expect(callee.call.state == .proceeded && callee.told().isEmpty)
  }

  @Test("a propose without a receipt request, as Dino sends it, gets no receipt")
  func noReceipt() throws {
    let callee = try Callee(try Fixture.stanza("dino-propose"))
    #expect(callee.told() == [.proposed(from: try JID("ann@example.net/dino.1"), media: [.audio, .video])])
    callee.call.answer(now: callee.now)
    let sent = callee.sent()
    #expect(sent.messages == ["ringing", "proceed", "accept"] && sent.count == 3)
    #expect(sent.map { $0["to"] } == ["ann@example.net/dino.1", "ann@example.net/dino.1", "cam@example.org"])
    #expect(sent.allSatisfy { $0["type"] == "chat" && $0.first("store", "urn:xmpp:hints") != nil })
  }

  @Test("no receipt is sent for a propose without an id")
  func receiptWithoutID() throws {
    let callee = try Callee(try Callee.propose().with("id", nil))
    callee.call.answer(now: callee.now)
    #expect(callee.sent().allSatisfy { $0.first("received", "urn:xmpp:receipts") == nil })
  }

  @Test("a refused contact gets the reason, and a stranger gets nothing", arguments: [Reason(.busy), nil])
  func refuse(reason: Reason?) throws {
    let callee = try Callee.proposed()
    callee.call.refuse(reason)
    callee.call.refuse(reason)
    callee.call.answer(now: callee.now)
    let rejection = try JingleMessage(id: "s1", .reject(Reason(.busy), tieBreak: false)).stanza(to: JID(Callee.phone))
    #expect(callee.sent() == (reason == nil ? [] : [rejection]))
    #expect(callee.told() == [.ended(.declined)])
    #expect(callee.call.deadline == nil)
  }

  @Test("a caller about whom nothing is decided in time is treated as a stranger", arguments: [false, true])
  func undecided(stops: Bool) throws {
    let callee = try Callee.proposed()
    if stops { callee.call.cancel(now: callee.now) } else { callee.wait(.seconds(10)) }
    #expect(callee.sent().isEmpty)
    #expect(callee.told() == [.ended(.declined)])
  }

  @Test("a caller gets the reason if there is one before the decision, such as a failed camera")
  func undecidedWithReason() throws {
    let callee = try Callee.proposed()
    callee.call.terminate(Reason(.mediaError), now: callee.now)
    let rejection = JingleMessage(id: "s1", .reject(Reason(.mediaError), tieBreak: false))
    #expect(callee.sent() == [rejection.stanza(to: try JID(Callee.phone))])
    #expect(callee.told() == [.ended(.declined)])
  }

  @Test(
    "a propose of unsupported media is refused",
    arguments: [[.audio], [], [.video, .video], [.video, Media(rawValue: "application")]] as [[Media]])
  func otherMedia(media: [Media]) throws {
    let callee = try Callee(try Callee.propose(media))
    callee.call.answer(now: callee.now)
    #expect(callee.sent().messages == ["reject"])
    #expect(callee.told().last == .ended(.declined))
  }

  @Test("a propose of video only is supported")
  func videoOnly() throws {
    let callee = try Callee(try Callee.propose([.video]))
    callee.call.answer(now: callee.now)
    #expect(callee.sent().messages == ["ringing", "proceed", "accept"])
  }

  @Test(
    "only a live propose of another device opens a call",
    arguments: [
      ("delay", "urn:xmpp:delay", Callee.phone), ("x", "jabber:x:delay", Callee.phone), (nil, "", "ann@example.net"),
      (nil, "", Caller.local),
      (nil, "", "@@"), (nil, "", "♥@example.net/phone"),
    ])
  func noCall(child: String?, namespace: String, from: String) throws {
    var propose = try Callee.propose().with("from", from)
    if let child { propose.append(XMLElement(child, namespace: namespace)) }
    let call = IncomingCall(opening: propose, local: try JID(Caller.local), now: .uptimeNanoseconds(1))
    #expect(call == nil)
  }

  @Test("errors, group chat messages, answers, carbons and other requests open no call")
  func noCallEither() throws {
    let propose = try Callee.propose()
    var stanzas = [propose.with("type", "error"), propose.with("type", "groupchat"), propose.with("from", nil)]
    for kind in StoredStanzaTests.kinds where kind != .propose([.video]) { stanzas.append(try Caller.message(kind)) }
    for from in ["cam@example.org", Callee.phone] {
      let forwarded = XMLElement("forwarded", namespace: "urn:xmpp:forward:0", children: [.element(propose)])
      let carbon = XMLElement("received", namespace: "urn:xmpp:carbons:2", children: [.element(forwarded)])
      stanzas.append(
        XMLElement("message", namespace: "jabber:client", attributes: ["from": from], children: [.element(carbon)]))
    }
    stanzas.append(try Caller.message(.propose([.video]), id: String(repeating: "s", count: 257)))
    for action in JingleAction.allCases where action != .sessionInitiate {
      stanzas.append(try Callee.offer { $0.action = action })
    }
    stanzas.append(try Callee.offer().with("type", "get"))
    for stanza in stanzas {
      let call = IncomingCall(opening: stanza, local: try JID(Caller.local), now: .uptimeNanoseconds(1))
      #expect(call == nil)
    }
  }

  @Test("a repeated propose changes nothing, and another call of the same device is separate")
  func again() throws {
    let callee = try Callee.proceeded()
    #expect(callee.receive(try Callee.propose()))
    #expect(!callee.receive(try Caller.message(.propose([.video]), id: "s2")))
    #expect(callee.sent().isEmpty && callee.told().isEmpty && callee.call.state == .proceeded)
  }

  @Test("the caller's device may retract its call before and after it was answered", arguments: [false, true])
  func retract(proceeded: Bool) throws {
    let callee = proceeded ? try Callee.proceeded() : try Callee.proposed()
    let retract = try Caller.message(.retract(Reason(.cancel), tieBreak: false))
    for from in ["ann@example.net/tablet", "ann@example.net", "eve@example.net/phone"] {
      #expect(!callee.receive(retract.with("from", from)))
    }
    #expect(!callee.receive(try Caller.message(.retract(nil, tieBreak: false), id: "s2")))
    #expect(callee.told().isEmpty)
    #expect(callee.receive(retract))
    #expect(callee.told() == [.ended(.endedByPeer(Reason(.cancel)))])
    callee.call.answer(now: callee.now)
    #expect(callee.sent().isEmpty && callee.call.deadline == nil)
  }

  @Test("a stored retract is ignored")
  func storedRetract() throws {
    let callee = try Callee.proposed()
    let retract = try Caller.message(.retract(Reason(.cancel), tieBreak: false))
    #expect(!callee.receive(retract.adding(XMLElement("delay", namespace: "urn:xmpp:delay"))))
    #expect(callee.told().isEmpty)
  }

  @Test("a caller that sends no offer after our proceed is rejected after a time limit")
  func noOffer() throws {
    var callee = try Callee.proceeded()
    callee.wait(.seconds(30) - .nanoseconds(1))
    #expect(callee.sent().isEmpty)
    callee.wait(.nanoseconds(1))
    #expect(callee.sent().messages == ["reject"])
    #expect(callee.told() == [.ended(.timeout)])
    callee = try Callee.proceeded()
    callee.call.cancel(now: callee.now)
    #expect(callee.sent().messages == ["reject"])
    #expect(callee.told() == [.ended(.cancelled)])
  }

  @Test("a finish before the offer ends the call, and messages of an answerer do not")
  func finish() throws {
    let callee = try Callee.proceeded()
    for kind in [JingleMessage.Kind.ringing, .proceed, .accept, .reject(Reason(.busy), tieBreak: false)] {
      #expect(callee.receive(try Caller.message(kind)))
    }
    #expect(callee.told().isEmpty && callee.sent().isEmpty)
    callee.receive(try Caller.message(.finish(Reason(.gone), migratedTo: nil)))
    #expect(callee.told() == [.ended(.endedByPeer(Reason(.gone)))])
  }
}
