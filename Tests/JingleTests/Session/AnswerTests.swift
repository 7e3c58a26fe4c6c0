import Jingle
import Testing
import XMPP

@Suite("The answer")
struct AnswerTests {
  @Test("is acknowledged and told, and nothing waits any more")
  func accept() throws {
    let caller = try Caller.offered()
    let accept = try Fixture.stanza("session-accept")
    #expect(caller.receive(accept))
    #expect(caller.sent().replies == ["result"])
    #expect(caller.told() == [.accepted(contents: try Fixture.jingle("session-accept").contents, group: nil)])
    caller.wait(.hours(1))
    #expect(caller.sent().isEmpty && caller.told().isEmpty)
  }

  @Test("as Dino sent it is taken")
  func dino() throws {
    let caller = try Caller(sid: "d18bfcd9-5a2f-4bd6-9a13-1d5782ad5416")
    caller.call.propose(now: caller.now)
    caller.receive(try Caller.message(.proceed, id: caller.call.sid, from: "ann@example.net/dino.1"))
    var contents = try Fixture.jingle("session-initiate").contents
    contents[0].name = "video"
    caller.call.initiate(contents: contents, now: caller.now)
    caller.discard()
    caller.receive(try Fixture.stanza("dino-session-accept"))
    #expect(caller.sent().replies == ["result"])
    guard case .accepted(let answered, nil)? = caller.told().first else {
      Issue.record("not accepted")
      return
    }
    #expect(answered[0].transport?.candidates.count == 6)
  }

  @Test("from another device, another person or for another session is not taken")
  func forged() throws {
    let caller = try Caller.offered()
    let accept = try Fixture.stanza("session-accept")
    for from in ["ann@example.net/tablet", "ann@example.net", "eve@example.net/phone", nil] {
      #expect(!caller.receive(accept.with("from", from)))
    }
    #expect(!caller.request(.sessionAccept, contents: try Fixture.jingle("session-accept").contents, sid: "s2"))
    #expect(caller.told().isEmpty && caller.sent().isEmpty)
  }

  typealias Change = @Sendable (inout [Content]) -> Void
  static let faults: [(String, Reason.Condition, Change)] = [
    ("renamed", .failedApplication, { $0[0].name = "x" }),
    ("reordered", .failedApplication, { $0.reverse() }),
    ("names swapped", .failedApplication, { ($0[0].name, $0[1].name) = ($0[1].name, $0[0].name) }),
    ("one missing", .failedApplication, { $0.removeLast() }),
    ("none", .failedApplication, { $0.removeAll() }),
    ("one more", .failedApplication, { $0.append(Content(name: "2")) }),
    ("other creator", .failedApplication, { $0[0].creator = .responder }),
    ("other media", .failedApplication, { $0[0].description?.media = .audio }),
    ("no description", .failedApplication, { $0[0].description = nil }),
    ("no payload type", .failedApplication, { $0[1].description?.payloadTypes = [] }),
    ("no transport", .failedTransport, { $0[1].transport = nil }),
    ("no ufrag", .failedTransport, { $0[0].transport?.usernameFragment = nil }),
    ("empty password", .failedTransport, { $0[0].transport?.password = "" }),
    ("no fingerprint", .securityError, { $0[1].transport?.fingerprints = [] }),
    ("no setup", .securityError, { $0[0].transport?.fingerprints[0].setup = nil }),
    ("undecided setup", .securityError, { for i in $0.indices { $0[i].transport?.fingerprints[0].setup = .actpass } }),
    ("two setups", .securityError, { $0[0].transport?.fingerprints[0].setup = .passive }),
  ]

  @Test("that does not fit the offer is acknowledged and ends the session with a reason", arguments: faults)
  func fault(name: String, condition: Reason.Condition, change: Change) throws {
    let offer = try Fixture.jingle("session-initiate-audio-video")
    let caller = try Caller(media: [.audio, .video])
    caller.call.propose(now: caller.now)
    caller.receive(try Fixture.stanza("proceed"))
    caller.call.initiate(contents: offer.contents, now: caller.now)
    caller.discard()
    var contents = offer.contents
    for index in contents.indices { contents[index].transport?.fingerprints[0].setup = .active }
    change(&contents)
    caller.request(.sessionAccept, contents: contents)
    let sent = caller.sent()
    #expect(sent.replies == ["result"] && sent.actions == ["session-terminate"] && sent.messages == ["finish"])
    guard case .ended(.failed(let reason))? = caller.told().first else {
      Issue.record("\(name) was taken")
      return
    }
    #expect(reason.condition == condition)
  }

  @Test("that cannot be read gets bad-request and ends the session")
  func malformed() throws {
    let caller = try Caller.offered()
    let jingle = XMLElement(
      "jingle", namespace: "urn:xmpp:jingle:1", attributes: ["action": "session-accept", "sid": "s1"],
      children: [.element(XMLElement("content", namespace: "urn:xmpp:jingle:1"))])
    caller.receive(Caller.iq(jingle, id: "1"))
    let sent = caller.sent()
    #expect(sent.replies == ["bad-request"] && sent.actions == ["session-terminate"])
    #expect(caller.told().count == 1 && caller.call.state == .ended)
  }

  @Test("may group what was offered as a group, and nothing else", arguments: [true, false])
  func group(offered: Bool) throws {
    let offer = try Fixture.jingle("session-initiate")
    let caller = try Caller.proceeded()
    caller.call.initiate(contents: offer.contents, group: offered ? offer.group : nil, now: caller.now)
    caller.discard()
    var answer = try Fixture.jingle("session-accept")
    answer.group = ContentGroup(contents: ["0"])
    caller.receive(Caller.iq(answer.element, id: "1"))
    #expect(caller.told() == [.accepted(contents: answer.contents, group: offered ? answer.group : nil)])
  }
}
