import Call
import Jingle
import NIOCore
import Peer
import Testing
import XMPP

@Suite("The beginning and the end of a call")
struct OpeningTests {
  private static func steps(_ host: CallHost) -> [String] {
    host.sent.compactMap { sent in
      if let jingle = sent.stanza.first("jingle", "urn:xmpp:jingle:1") { return jingle["action"] }
      return sent.stanza.elements.first { $0.namespace == "urn:xmpp:jingle-message:0" }?.name
    }
  }

  @Test("the key frame that a call begins with is told of by the call's start alone", arguments: [false, true])
  func firstKeyFrame(calledBy isPhone: Bool) throws {
    let world = try CallWorld.streaming(calledBy: isPhone)
    #expect(world.camera.count { if case .keyFrameRequested = $0 { true } else { false } } == 0)
  }

  @Test("an outgoing call rings, is accepted, shows a picture, and ends when we hang up")
  func outgoing() throws {
    let world = try CallWorld.streaming()
    world.watchArrivals()
    let start = world.network.now
    #expect(world.stream(for: .seconds(2)) == 20)
    #expect(world.arrivals(since: start) >= 40)
    #expect(Self.steps(world.camera).prefix(2) == ["propose", "session-initiate"])
    #expect(Self.steps(world.phone).prefix(4) == ["ringing", "proceed", "accept", "session-accept"])
    world.camera.with { $0.interrupt(now: world.network.now) }
    world.network.run(for: .seconds(2))
    #expect(world.camera.result?.outcome == .hungUp && world.camera.result?.isInterrupted == true)
    #expect(world.phone.result?.outcome == .endedByPeer(Reason(.success)))
    #expect((world.camera.result?.streamingTime ?? .zero) >= .seconds(2))
    #expect(world.camera.result?.statistics?.outboundRTP.framesSent == 20)
    #expect(world.camera.deadline == nil && world.phone.deadline == nil)
  }

  @Test("an incoming call is answered with its own sockets and ends when the peer hangs up")
  func incoming() throws {
    let world = try CallWorld.streaming(calledBy: true)
    world.watchArrivals()
    let start = world.network.now
    world.stream(for: .seconds(2))
    #expect(world.arrivals(since: start) >= 40)
    world.phone.with { $0.interrupt(now: world.network.now) }
    world.network.run(for: .seconds(2))
    #expect(world.camera.result?.outcome == .endedByPeer(Reason(.success)))
    #expect(world.camera.result?.setupTime != nil)
  }

  @Test("a viewer whose offer wants no picture is sent none until it asks for it, beginning with a key frame")
  func unwantedPicture() throws {
    let world = try CallWorld()
    try world.call(from: world.phone, to: world.camera.jid.bare) { $0.isOneWay = true }
    try #require(world.connects())
    #expect(world.camera.offerFrame(isKeyFrame: true) == .dropped(.muted))
    let asked = world.camera.count { if case .keyFrameRequested = $0 { true } else { false } }
    let jingle = Jingle(
      action: .contentModify, sid: "session-1",
      contents: [Content(creator: .initiator, name: "1", senders: .both)])
    world.server.send(.iq(.set, id: "m", to: world.camera.jid, jingle.element), from: world.phone)
    world.network.run(for: .milliseconds(100))
    #expect(world.camera.count { if case .keyFrameRequested = $0 { true } else { false } } > asked)
    #expect(world.camera.offerFrame(isKeyFrame: true) == .sent)
  }

  @Test("a viewer whose answer tells that it alone sends, as Movim without a camera, is sent the picture")
  func wrongSenders() throws {
    let world = try CallWorld()
    world.phone.answers = { world.make(.incoming($0)) { $0.isOneWay = true } }
    try world.call(from: world.camera, to: world.phone.jid.bare)
    try #require(world.connects())
    let accept = try #require(
      world.phone.sent.compactMap { $0.stanza.first("jingle", "urn:xmpp:jingle:1") }
        .first { $0["action"] == "session-accept" })
    #expect(try Jingle(accept).contents.map(\.senders) == [.initiator, .responder])
    #expect(world.camera.offerFrame(isKeyFrame: true) == .sent)
  }

  @Test(
    "a call begins with half of what the path carried last",
    arguments: [(nil, 300_000), (1_200_000, 600_000)] as [(Int?, Int)])
  func formerRate(_ former: Int?, _ rate: Int) throws {
    let world = try CallWorld()
    try world.call(from: world.camera, to: world.phone.jid.bare) { $0.formerRate = former }
    #expect(world.connects())
    let targets = world.camera.events.compactMap { event in
      if case .targetBitrate(_, let stable) = event.event { stable } else { nil }
    }
    // Without headers.
    #expect((rate * 9 / 10)...rate ~= (try #require(targets.first)))
  }

  @Test("of two crossing calls one yields by the rule of XEP-0353 section 4.1")
  func tieBreak() throws {
    let world = try CallWorld()
    // The lower session id goes first.
    try world.call(from: world.camera, to: world.phone.jid.bare, sid: "a")
    let phones = world.phone
    try world.call(from: try #require(phones), to: world.camera.jid.bare, sid: "b")
    world.network.run(for: .seconds(1))
    #expect(world.phone.result?.outcome == .yielded)
    // Its owner takes the other's call then, as a person would.
    #expect(world.connects())
    #expect(world.camera.result == nil)
  }

  @Test("a call that nobody answers is retracted after its time limit")
  func nobody() throws {
    let world = try CallWorld()
    world.phone.answers = nil
    try world.call(from: world.camera, to: world.phone.jid.bare)
    world.network.run(for: .minutes(2))
    #expect(world.camera.result?.outcome == .timeout)
    #expect(Self.steps(world.camera) == ["propose", "retract"])
    #expect(world.camera.deadline == nil)
  }

  @Test("without a network an incoming call ends with a reason, and an outgoing one before it rings")
  func noNetwork() throws {
    let world = try CallWorld()
    world.camera.hasNetwork = false
    try world.call(from: world.phone, to: world.camera.jid.bare)
    world.network.run(for: .seconds(5))
    #expect(world.phone.result?.outcome == .endedByPeer(Reason(.connectivityError)))
    let other = try CallWorld()
    other.camera.hasNetwork = false
    try other.call(from: other.camera, to: other.phone.jid.bare)
    other.network.run(for: .seconds(5))
    #expect(other.camera.result != nil && Self.steps(other.camera).isEmpty)
  }

  @Test("a second device of the viewer has a call of its own that is independent of the first")
  func secondDevice() throws {
    let world = try CallWorld.streaming()
    let tablet = try world.host("ann@example.net/tablet", at: "198.51.100.3")
    var second: Call?
    let first = world.camera.call
    world.camera.answers = { incoming in
      second = world.make(.incoming(incoming))
      return second
    }
    // What a device that has no part in it says of the session is nothing to the camera's call.
    world.server.send(
      XMLElement(
        "iq", namespace: Namespace.client,
        attributes: ["type": "set", "id": "forged", "to": world.camera.jid.description],
        children: [
          .element(Jingle(action: .sessionTerminate, sid: "session-1", reason: Reason(.success)).element)
        ]), from: tablet)
    world.network.run(for: .seconds(1))
    #expect(world.camera.result == nil && world.camera.call === first)
    #expect(tablet.received.last?.stanza["type"] == "error")
    world.phone.with { $0.interrupt(now: world.network.now) }
    world.network.run(for: .seconds(2))
    try world.call(from: tablet, to: world.camera.jid.bare)
    world.network.run(until: world.network.now + .seconds(10)) { !tablet.isStreaming }
    #expect(tablet.isStreaming && world.camera.call === second)
  }
}
