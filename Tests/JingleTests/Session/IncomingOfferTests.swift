import Jingle
import NIOCore
import Testing
import XMPP

@Suite("The offer of a call that we took")
struct IncomingOfferTests {
  @Test("a valid offer is acknowledged and reported")
  func offered() throws {
    let callee = try Callee.proceeded()
    let offer = try Callee.offer()
    #expect(callee.receive(offer))
    #expect(callee.sent() == [Caller.result(id: "offer").with("from", nil).with("to", Callee.phone)])
    let jingle = try Jingle(try #require(offer.jingle))
    #expect(callee.told() == [.offered(contents: jingle.contents, group: jingle.groups.first)])
    #expect(callee.call.session?.role == .responder && callee.call.session?.phase == .pending)
  }

  @Test("an offer from another device or with another ID belongs to another call")
  func forged() throws {
    let callee = try Callee.proceeded()
    for from in ["ann@example.net/tablet", "ann@example.net", "eve@example.net/phone", nil] {
      #expect(!callee.receive(try Callee.offer().with("from", from)))
    }
    #expect(!callee.receive(try Callee.offer { $0.sid = "s2" }))
    for action in JingleAction.allCases where action != .sessionInitiate {
      #expect(!callee.request(action))
    }
    #expect(!callee.receive(try Callee.offer().with("type", "get")))
    #expect(callee.told().isEmpty && callee.sent().isEmpty && callee.call.state == .proceeded)
  }

  @Test("an offer without a propose waits for the decision, and no messages are sent for it")
  func direct() throws {
    let callee = try Callee(try Callee.offer())
    #expect(callee.told() == [.proposed(from: try JID(Callee.phone), media: [.audio, .video])])
    #expect(callee.sent().isEmpty)
    callee.call.answer(now: callee.now)
    let sent = callee.sent()
    #expect(sent.replies == ["result"] && sent.count == 1)
    guard case .offered? = callee.told().first else {
      Issue.record("not offered")
      return
    }
    callee.call.cancel(now: callee.now)
    #expect(callee.sent().messages.isEmpty)
  }

  @Test("an offer without a propose is refused according to what the caller may know", arguments: [Reason(.busy), nil])
  func refused(reason: Reason?) throws {
    let callee = try Callee(try Callee.offer())
    callee.call.refuse(reason)
    let sent = callee.sent()
    #expect(sent.replies == (reason == nil ? ["service-unavailable"] : ["result"]))
    #expect(sent.actions == (reason == nil ? [] : ["session-terminate"]))
    #expect(callee.told().last == .ended(.declined))
  }

  @Test("an offer that arrives before our proceed waits for the decision", arguments: [true, false])
  func early(answers: Bool) throws {
    let callee = try Callee.proposed()
    #expect(callee.receive(try Callee.offer()))
    #expect(!callee.receive(try Callee.offer(id: "again")))
    #expect(callee.sent().isEmpty && callee.told().isEmpty)
    if answers { callee.call.answer(now: callee.now) } else { callee.call.refuse(nil) }
    let sent = callee.sent()
    #expect(sent.replies == (answers ? ["result"] : ["service-unavailable"]))
    #expect(sent.messages == (answers ? ["ringing", "proceed", "accept"] : []))
  }

  @Test("a repeated offer gets the same response, and another one with its ID is out of order")
  func repeated() throws {
    let callee = try Callee.proceeded()
    callee.receive(try Callee.offer())
    callee.receive(try Callee.offer())
    #expect(callee.sent().replies == ["result", "result"])
    #expect(callee.told().count == 1)
    callee.receive(try Callee.offer(id: "other"))
    #expect(callee.sent().replies == ["unexpected-request out-of-order"])
    callee.request(.sessionAccept)
    #expect(callee.sent().replies == ["unexpected-request out-of-order"])
    #expect(callee.told().isEmpty)
  }

  typealias Change = @Sendable (inout Jingle) -> Void
  static let faults: [(String, Reason.Condition, Change)] = [
    ("audio alone", .unsupportedApplications, { $0.contents.removeLast() }),
    ("two videos", .unsupportedApplications, { $0.contents[0].description?.media = .video }),
    ("a third content", .unsupportedApplications, { $0.contents.append(Content(name: "2")) }),
    ("a data channel", .unsupportedApplications, { $0.contents[0].description = nil }),
    ("other media than proposed", .securityError, { $0.contents.removeFirst() }),
    ("the responder's content", .failedApplication, { $0.contents[0].creator = .responder }),
    ("another transport", .unsupportedTransports, { $0.contents[0].transport = nil }),
    ("no rtcp-mux", .incompatibleParameters, { $0.contents[1].description?.rtcpMux = false }),
    ("no ufrag", .failedTransport, { $0.contents[0].transport?.usernameFragment = nil }),
    ("empty password", .failedTransport, { $0.contents[1].transport?.password = "" }),
    ("no fingerprint", .securityError, { $0.contents[1].transport?.fingerprints = [] }),
    ("no setup", .securityError, { for i in 0...1 { $0.contents[i].transport?.fingerprints[0].setup = nil } }),
    ("holdconn", .securityError, { for i in 0...1 { $0.contents[i].transport?.fingerprints[0].setup = .holdconn } }),
    ("two setups", .securityError, { $0.contents[0].transport?.fingerprints[0].setup = .passive }),
  ]

  @Test("an offer that cannot be answered is acknowledged and ends the session with a reason", arguments: faults)
  func fault(name: String, condition: Reason.Condition, change: Change) throws {
    let callee = try Callee.proceeded()
    callee.receive(
      try Callee.offer {
        $0.groups = []
        change(&$0)
      })
    let sent = callee.sent()
    #expect(sent.replies == ["result"] && sent.actions == ["session-terminate"] && sent.messages == ["finish"])
    guard case .ended(.failed(let reason))? = callee.told().first else {
      Issue.record("\(name) was taken")
      return
    }
    #expect(reason.condition == condition)
    callee.call.accept(contents: [], now: callee.now)
    #expect(callee.sent().isEmpty && callee.call.deadline == nil)
  }

  @Test(
    "an offer that chose one DTLS role for all contents is accepted",
    arguments: [
      DTLSFingerprint.Setup.active, .passive,
    ])
  func setup(setup: DTLSFingerprint.Setup) throws {
    let callee = try Callee.proceeded()
    callee.receive(try Callee.offer { for i in 0...1 { $0.contents[i].transport?.fingerprints[0].setup = setup } })
    #expect(callee.sent().actions.isEmpty && callee.told().count == 1)
  }

  static let unreadable: [(String, JingleError, Change)] = [
    ("none", .missingElement("content", of: "jingle"), { $0.contents = [] }),
    ("one name twice", .malformedAttribute("name", of: "content"), { $0.contents[1].name = "0" }),
    ("no name", .missingAttribute("name", of: "content"), { $0.contents[1].name = "" }),
    (
      "200", .tooMany("content", of: "jingle"),
      { jingle in jingle.contents = (0..<200).map { Content(name: "c\($0)") } }
    ),
  ]

  @Test("an offer with no, unnamed, equally named or 200 contents gets bad-request with a text", arguments: unreadable)
  func malformed(name: String, error: JingleError, change: Change) throws {
    let callee = try Callee.proceeded()
    #expect(callee.receive(try Callee.offer(change)))
    let sent = callee.sent()
    #expect(sent.replies == ["bad-request text"] && sent.actions.isEmpty && sent.texts == ["\(error)"])
    #expect(callee.told() == [.ended(.failed(Reason(.failedApplication, text: "malformed offer: \(error)")))])
    #expect(callee.call.state == .ended && callee.call.deadline == nil)
  }

  @Test("a malformed offer without a propose is explained to a contact and not to a stranger")
  func malformedDirect() throws {
    let offer = try Callee.offer { jingle in jingle.contents = (0..<200).map { Content(name: "c\($0)") } }
    #expect(IncomingRefusal.answers(to: offer, isTrusted: true).texts == ["<jingle/> has too many <content/>"])
    #expect(IncomingRefusal.answers(to: offer, isTrusted: false).replies == ["service-unavailable"])
    let stranger = try Callee(offer)
    stranger.call.refuse(nil)
    #expect(stranger.sent().replies == ["service-unavailable"])
    let twice = try Callee(try Callee.offer { $0.contents[1].name = "0" })
    twice.call.answer(now: twice.now)
    #expect(twice.sent().replies == ["bad-request text"])
  }

  @Test("an offer is a bundle only if a group contains all of its contents, in any order")
  func groups() throws {
    func group(_ groups: [ContentGroup]) throws -> ContentGroup? {
      let callee = try Callee.proceeded()
      callee.receive(try Callee.offer { $0.groups = groups })
      guard case .offered(_, let group)? = callee.told().first else { throw Fixture.Failure() }
      return group
    }
    let bundle = ContentGroup(contents: ["1", "0"])
    #expect(try group([ContentGroup(semantics: "LS", contents: ["0", "1"]), bundle]) == bundle)
    #expect(try group([ContentGroup(contents: ["0"]), ContentGroup(contents: ["1"])]) == nil)
    #expect(try group([ContentGroup(contents: ["0", "0"]), ContentGroup(contents: ["0", "1", "2"])]) == nil)
  }

  @Test("in a bundle only the content that the group names first needs transport attributes")
  func tagged() throws {
    for (tag, isTaken) in [("0", true), ("1", false)] {
      let callee = try Callee.proceeded()
      callee.receive(
        try Callee.offer {
          $0.contents[1].transport = nil
          $0.contents[1].description?.rtcpMux = false
          $0.groups = [ContentGroup(contents: [tag, tag == "0" ? "1" : "0"])]
        })
      #expect(callee.sent().actions.isEmpty == isTaken)
    }
  }

  @Test("an offer of aTalk with unused keys and formats is accepted")
  func atalk() throws {
    let callee = try Callee(try Fixture.stanza("atalk-session-initiate"))
    callee.call.answer(now: callee.now)
    #expect(callee.sent().replies == ["result"])
    guard case .offered(let contents, nil)? = callee.told().last else {
      Issue.record("not offered")
      return
    }
    #expect(contents.allSatisfy(\.skipped.isEmpty) && contents.map(\.name) == ["audio", "video"])
  }

  @Test("an offer that is not answered in time ends in a timeout")
  func unanswered() throws {
    let callee = try Callee.offered()
    callee.wait(.seconds(30) - .nanoseconds(1))
    #expect(callee.sent().isEmpty)
    callee.wait(.nanoseconds(1))
    let sent = callee.sent()
    #expect(sent.actions == ["session-terminate"] && sent.messages == ["finish"])
    #expect(callee.told() == [.ended(.timeout)])
  }
}
