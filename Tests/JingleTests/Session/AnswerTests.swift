import Jingle
import Testing
import XMPP

@Suite("The answer")
struct AnswerTests {
  @Test("a valid answer is acknowledged and reported, and no deadline remains")
  func accept() throws {
    let caller = try Caller.offered()
    let accept = try Fixture.stanza("session-accept")
    #expect(caller.receive(accept))
    #expect(caller.sent().replies == ["result"])
    #expect(caller.told() == [.accepted(contents: try Fixture.jingle("session-accept").contents, group: nil)])
    caller.wait(.hours(1))
    #expect(caller.sent().isEmpty && caller.told().isEmpty)
  }

  @Test("an answer of Dino is accepted")
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

  @Test("an answer from another device, another user or for another session is ignored")
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
    ("names swapped", .failedApplication, { ($0[0].name, $0[1].name) = ($0[1].name, $0[0].name) }),
    ("one missing", .failedApplication, { $0.removeLast() }),
    ("none", .failedApplication, { $0.removeAll() }),
    ("one more", .failedApplication, { $0.append(Content(name: "2")) }),
    ("other creator", .failedApplication, { $0[0].creator = .responder }),
    ("other media", .failedApplication, { $0[0].description?.media = .audio }),
    ("no description", .failedApplication, { $0[0].description = nil }),
    ("one twice", .failedApplication, { $0[1] = $0[0] }),
    ("one more, twice", .failedApplication, { $0.append($0[0]) }),
    ("no rtcp-mux", .incompatibleParameters, { $0[0].description?.rtcpMux = false }),
    ("no payload type", .failedApplication, { $0[1].description?.payloadTypes = [] }),
    ("no transport", .failedTransport, { $0[1].transport = nil }),
    ("no ufrag", .failedTransport, { $0[0].transport?.usernameFragment = nil }),
    ("empty password", .failedTransport, { $0[0].transport?.password = "" }),
    ("no fingerprint", .securityError, { $0[1].transport?.fingerprints = [] }),
    ("no setup", .securityError, { $0[0].transport?.fingerprints[0].setup = nil }),
    ("undecided setup", .securityError, { for i in $0.indices { $0[i].transport?.fingerprints[0].setup = .actpass } }),
    ("two setups", .securityError, { $0[0].transport?.fingerprints[0].setup = .passive }),
  ]

  @Test("an answer that does not match the offer is acknowledged and ends the session with a reason", arguments: faults)
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
    #expect(reason.text?.hasPrefix("answer ") == true)
  }

  /// Offers audio and video, both in one group where `bundled`.
  private func offered(bundled: Bool = true) throws -> (caller: Caller, answer: Jingle) {
    let offer = try Fixture.jingle("session-initiate-audio-video")
    let caller = try Caller(media: [.audio, .video])
    caller.call.propose(now: caller.now)
    caller.receive(try Fixture.stanza("proceed"))
    caller.call.initiate(contents: offer.contents, group: bundled ? offer.groups.first : nil, now: caller.now)
    caller.discard()
    var answer = Jingle(action: .sessionAccept, sid: "s1", contents: offer.contents)
    for index in answer.contents.indices { answer.contents[index].transport?.fingerprints[0].setup = .active }
    return (caller, answer)
  }

  @Test("the contents of an answer may be in any order, since name and creator identify them")
  func reordered() throws {
    let (caller, answer) = try offered()
    caller.request(.sessionAccept, contents: answer.contents.reversed())
    #expect(caller.sent().actions.isEmpty)
    #expect(caller.told() == [.accepted(contents: answer.contents, group: nil)])
    #expect(caller.call.session?.contents == answer.contents)
  }

  @Test("in a bundle only the content that the group names first needs transport attributes")
  func tagged() throws {
    let (caller, _) = try offered()
    let answer = try Fixture.stanza("tagged-session-accept")
    caller.receive(answer)
    let bundle = ContentGroup(contents: ["0", "1"])
    let contents: [Content] = try Fixture.jingle("tagged-session-accept").contents.reversed()
    #expect(caller.sent().replies == ["result"])
    #expect(caller.told() == [.accepted(contents: contents, group: bundle)])

    let (apart, _) = try offered(bundled: false)
    apart.receive(answer)
    #expect(apart.sent().actions == ["session-terminate"])

    let (untagged, _) = try offered()
    var other = try Fixture.jingle("tagged-session-accept")
    other.groups = [ContentGroup(contents: ["1", "0"])]
    untagged.receive(Caller.iq(other.element, id: "1"))
    #expect(untagged.sent().actions == ["session-terminate"])
  }

  @Test("the reason for refusing an answer names the part that could not be read")
  func named() throws {
    let (caller, answer) = try offered()
    var element = answer.element
    let transport = answer.contents[0].transport
    var content = answer.contents[0]
    content.transport?.fingerprints = []
    var odd = content.element
    odd.children.removeLast()
    var damaged = try #require(content.transport?.element)
    damaged.append(try #require(transport?.fingerprint?.element.with("setup", "first")))
    odd.append(damaged)
    element.children[0] = .element(odd)
    caller.receive(Caller.iq(element, id: "1"))
    let text = "answer has a content without fingerprint (<fingerprint/> has a malformed attribute 'setup')"
    #expect(caller.told() == [.ended(.failed(Reason(.securityError, text: text)))])
    let terminate = try #require(caller.sent().first { $0["type"] == "set" }?.jingle)
    #expect(try Jingle(terminate).reason == Reason(.securityError, text: text))
  }

  @Test("a malformed answer gets bad-request and ends the session")
  func malformed() throws {
    let caller = try Caller.offered()
    let jingle = XMLElement(
      "jingle", namespace: "urn:xmpp:jingle:1", attributes: ["action": "session-accept", "sid": "s1"],
      children: [.element(XMLElement("content", namespace: "urn:xmpp:jingle:1"))])
    caller.receive(Caller.iq(jingle, id: "1"))
    let sent = caller.sent()
    #expect(sent.replies == ["bad-request text"] && sent.actions == ["session-terminate"])
    let what = "<content/> lacks the attribute 'name'"
    #expect(sent.texts == [what])
    #expect(
      caller.told() == [.ended(.failed(Reason(.failedApplication, text: "malformed answer: \(what)")))])
  }

  @Test("an answer may group only what the offer grouped", arguments: [true, false])
  func group(offered: Bool) throws {
    let offer = try Fixture.jingle("session-initiate")
    let caller = try Caller.proceeded()
    caller.call.initiate(contents: offer.contents, group: offered ? offer.groups.first : nil, now: caller.now)
    caller.discard()
    var answer = try Fixture.jingle("session-accept")
    answer.groups = [ContentGroup(contents: ["0"])]
    caller.receive(Caller.iq(answer.element, id: "1"))
    #expect(caller.told() == [.accepted(contents: answer.contents, group: offered ? answer.groups.first : nil)])
  }

  @Test("an answer cannot group more contents than the offer")
  func largerGroup() throws {
    let offer = try Fixture.jingle("session-initiate-audio-video")
    let caller = try Caller(media: [.audio, .video])
    caller.call.propose(now: caller.now)
    caller.receive(try Fixture.stanza("proceed"))
    caller.call.initiate(contents: offer.contents, group: ContentGroup(contents: ["0"]), now: caller.now)
    caller.discard()
    var answer = Jingle(action: .sessionAccept, sid: "s1", contents: offer.contents, groups: offer.groups)
    for index in answer.contents.indices { answer.contents[index].transport?.fingerprints[0].setup = .active }
    caller.receive(Caller.iq(answer.element, id: "1"))
    #expect(caller.told() == [.accepted(contents: answer.contents, group: nil)])
  }
}
