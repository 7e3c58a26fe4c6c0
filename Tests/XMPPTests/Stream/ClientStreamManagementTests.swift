import NIOCore
import Testing

@testable import XMPP

@Suite("Stream management in a client's stream, XEP-0198")
struct ClientStreamManagementTests {
  typealias Harness = ClientStreamTests.Harness

  static let offer = "<sm xmlns='urn:xmpp:sm:3'/>"

  func established() throws -> Harness {
    let harness = try Harness(isResumable: true)
    try harness.establish(Self.offer)
    harness.receive(try Fixture.text("sm-enabled"))
    return harness
  }

  func message(_ id: Int) -> XMLElement { StreamManagementTests.message(id) }

  func written(_ id: Int) -> String { "<message id='\(id)' to='ann@example.net/x'/>" }

  /// A stream that broke off with messages 1 to 3 unacknowledged and two stanzas handled.
  func resumption() throws -> Resumption {
    let harness = try established()
    harness.receive("<message id='a'/><presence id='b'/>")
    for id in 1...3 { harness.perform(harness.stream.send(message(id))) }
    let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    var generator = SystemRandomNumberGenerator()
    let session = ClientSession(
      jid: try JID("user@example.org/x"),
      .init(name: "jinglecam", version: "1", node: "urn:test", type: "pc", features: []), generator: &generator,
      now: start)
    let management = try #require(harness.management)
    return try #require(Resumption(management, session, now: start))
  }

  func resuming() throws -> Harness {
    let harness = try Harness(isResumable: true, resumption: resumption())
    harness.secure()
    _ = try harness.bind(Self.offer)
    return harness
  }

  func failure(_ action: ClientStream.Action) -> (ClientStreamError, String)? {
    if case .fail(let error, let bytes) = action { (error, String(buffer: bytes)) } else { nil }
  }

  @Test("stream management is enabled after binding, and stanzas do not wait for the response")
  func enabling() throws {
    let harness = try Harness(isResumable: true)
    try harness.establish(Self.offer)
    #expect(harness.sent == "<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
    #expect(harness.stream.send(message(1)) == .send(ByteBuffer(string: written(1))))
    harness.receive(try Fixture.text("sm-enabled"))
    #expect(harness.sent == (try Fixture.text("sm-r")))
    harness.receive(try Fixture.text("sm-a"))
    #expect(harness.management?.unacknowledged.isEmpty == true)
  }

  @Test("a stanza that breaks the framing is acknowledged, so that it is not delivered again")
  func brokenStanza() throws {
    let harness = try established()
    let (error, sent) = try #require(
      failure(harness.receive("<presence/><message from='a@b/c'><x></message>")))
    #expect(error == .xml(.notWellFormed, from: "a@b/c"))
    #expect(sent.hasPrefix("<a xmlns='urn:xmpp:sm:3' h='2'/><stream:error><not-well-formed "))
    #expect(harness.management?.resume?["h"] == "2")
    let between = try established()
    _ = between.receive("<presence/>")
    let (_, other) = try #require(failure(between.receive("text<presence/>")))
    #expect(other.hasPrefix("<stream:error>"))
    #expect(between.management?.resume?["h"] == "1")
  }

  @Test("stream management is not enabled if it is not offered, of another version, or not wanted")
  func notNegotiated() throws {
    for (isResumable, offer) in [(true, ""), (true, "<sm xmlns='urn:xmpp:sm:2'/>"), (false, Self.offer)] {
      let harness = try Harness(isResumable: isResumable)
      try harness.establish(offer)
      #expect(harness.sent == "" && harness.management == nil)
      #expect(harness.receive(try Fixture.text("sm-r")) == .wait)
      #expect(harness.stream.send(message(1)) == .send(ByteBuffer(string: written(1))))
    }
  }

  @Test("the stream continues without stream management if the server fails to enable it")
  func enableFailed() throws {
    let harness = try Harness(isResumable: true)
    try harness.establish(Self.offer)
    #expect(harness.receive(try Fixture.text("sm-failed")) == .wait)
    #expect(harness.management == nil)
    #expect(harness.stream.send(message(1)) == .send(ByteBuffer(string: written(1))))
  }

  @Test("the acknowledgement counts the stanzas received and no other elements")
  func answers() throws {
    let harness = try established()
    harness.receive(
      "<presence/><odd xmlns='urn:odd'/><message/>" + (try Fixture.text("sm-a").replacing("1", with: "0")))
    harness.receive(try Fixture.text("sm-r"))
    #expect(harness.sent == "<a h='2' xmlns='urn:xmpp:sm:3'/>" || harness.sent == "<a xmlns='urn:xmpp:sm:3' h='2'/>")
  }

  @Test("a server that acknowledges too many stanzas gets an error, and the stream cannot be resumed")
  func handledCountTooHigh() throws {
    let harness = try established()
    for id in 1...8 { harness.perform(harness.stream.send(message(id))) }
    let action = harness.receive(try Fixture.text("sm-a").replacing("h='1'", with: "h='10'"))
    let (error, text) = try #require(failure(action))
    #expect(error == .management(.handledCountTooHigh(h: 10, sent: 8)))
    #expect(text == (try Fixture.text("sm-handled-count-too-high")) + "</stream:stream>")
    #expect(harness.management == nil)
  }

  @Test("a server that never acknowledges ends the stream for good")
  func tooManyUnacknowledged() throws {
    let harness = try established()
    for id in 0..<StreamManagement.maximumUnacknowledged { harness.perform(harness.stream.send(message(id))) }
    let (error, text) = try #require(failure(harness.stream.send(message(0))))
    #expect(error == .management(.tooManyUnacknowledged) && text.contains("<resource-constraint"))
    #expect(harness.management == nil)
  }

  @Test(
    "a flood of requests cannot end the stream, but some of them get no answer")
  func floodOfRequests() throws {
    let harness = try established()
    let answer = XMLElement.iq(.error, id: "1", to: try JID("stranger@example.com/x"))
    var answers = 0
    for _ in 0..<2 * StreamManagement.maximumUnacknowledged {
      if case .send = harness.stream.send(answer) { answers += 1 }
    }
    #expect((1..<StreamManagement.maximumUnacknowledged).contains(answers))
    #expect(harness.stream.send(message(1)) == .send(ByteBuffer(string: written(1))))
    harness.receive("<a xmlns='urn:xmpp:sm:3' h='\(answers + 1)'/>")
    guard case .send = harness.stream.send(answer) else { Issue.record("answered no more"); return }
  }

  @Test("an orderly end acknowledges handled stanzas and leaves nothing to resume")
  func orderlyEnd() throws {
    let harness = try established()
    harness.receive("<presence/>")
    harness.perform(harness.stream.close())
    #expect(harness.sent == "<a xmlns='urn:xmpp:sm:3' h='1'/></stream:stream>")
    #expect(harness.management == nil)
    #expect(harness.stream.send(message(1)) == .wait)
  }

  @Test("a stanza sent after the stream has failed waits for the resumption")
  func sendingLater() throws {
    let harness = try established()
    harness.receive("<stream:error><system-shutdown xmlns='\(Namespace.streamErrors)'/></stream:error>")
    #expect(harness.stream.send(message(1)) == .wait)
    #expect(harness.management?.unacknowledged.first == message(1))
  }

  @Test("a resumed stream sends unhandled stanzas again and continues to count")
  func resumed() throws {
    let harness = try resuming()
    #expect(harness.sent == (try Fixture.text("sm-resume")))
    guard case .established(let session, _) = harness.receive(try Fixture.text("sm-resumed")) else {
      Issue.record("not resumed"); return
    }
    #expect(session.isResumed && session.jid.description == "user@example.org/x" && session.lost.isEmpty)
    #expect(harness.sent == written(2) + written(3) + (try Fixture.text("sm-r")))
    harness.receive("<message/>" + (try Fixture.text("sm-r")))
    #expect(harness.sent == "<a xmlns='urn:xmpp:sm:3' h='3'/>")
    harness.receive(try Fixture.text("sm-a").replacing("1", with: "3"))
    #expect(harness.management?.unacknowledged.isEmpty == true)
  }

  @Test("a stream that the server has forgotten is bound anew, and the lost stanzas are returned")
  func resumptionFailed() throws {
    let harness = try resuming()
    harness.receive(try Fixture.text("sm-failed"))
    #expect(harness.sent.contains("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"))
    guard case .established(let session, _) = harness.receive(ClientStreamTests.bound) else {
      Issue.record("not bound"); return
    }
    #expect(!session.isResumed && session.lost == [message(2), message(3)])
    #expect(harness.sent == "<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
    #expect(harness.management?.unacknowledged.isEmpty == true)
  }

  @Test("a server that no longer offers stream management is not asked to resume")
  func noLongerOffered() throws {
    let harness = try Harness(isResumable: true, resumption: resumption())
    try harness.establish()
    #expect(harness.management == nil && !harness.sent.contains("resume "))
  }

  @Test("an impossible <resumed/> or another element in its place ends the stream for good")
  func falseResumption() throws {
    for (from, to, error) in [
      ("h='1'", "h='4'", StreamManagementError.handledCountTooHigh(h: 4, sent: 3)),
      ("some-long", "another", .malformed), ("h='1'", "h='one'", .malformed),
    ] {
      let harness = try resuming()
      let action = harness.receive(try Fixture.text("sm-resumed").replacing(from, with: to))
      #expect(failure(action)?.0 == .management(error))
      #expect(harness.management == nil)
    }
    for text in ["<message/>", try Fixture.text("sm-enabled"), ClientStreamTests.bound] {
      let harness = try resuming()
      guard case .unexpected = failure(harness.receive(text))?.0 else { Issue.record("taken: \(text)"); continue }
    }
  }
}
