import Call
import Jingle
import NIOCore
import Peer
import TestSupport
import Testing
import XMPP

@Suite("The sound of a call")
struct SoundTests {
  /// A call from the camera, which has sound, or from the phone.
  ///
  /// - Parameter senders: who sends the sound, by the phone's offer or answer.
  private static func world(
    calledBy isPhone: Bool = false, senders: Content.Senders? = .both
  ) throws -> CallWorld {
    let world = try CallWorld()
    world.server.setSenders(of: "0", to: senders, in: isPhone ? .sessionInitiate : .sessionAccept)
    world.camera.hasSound = true
    try world.call(
      from: isPhone ? world.phone : world.camera, to: isPhone ? world.camera.jid.bare : world.phone.jid.bare)
    try #require(world.connects())
    world.watchArrivals()
    return world
  }

  /// How much of a second of sound reaches the phone, in packets of 20 ms.
  private static func hear(_ world: CallWorld) -> Int {
    let start = world.network.now
    for _ in 0..<50 {
      world.camera.offerSound()
      world.network.run(for: .milliseconds(20))
    }
    world.network.run(for: .milliseconds(100))
    return world.arrivals(since: start)
  }

  private static func modify(_ content: String, to senders: Content.Senders, _ world: CallWorld) {
    let jingle = Jingle(
      action: .contentModify, sid: "session-1",
      contents: [Content(creator: .initiator, name: content, senders: senders)])
    world.server.send(.iq(.set, id: "m-\(senders)", to: world.camera.jid, jingle.element), from: world.phone)
    world.network.run(for: .milliseconds(100))
  }

  @Test("is sent in a call of either direction", arguments: [false, true])
  func heard(_ isPhone: Bool) throws {
    #expect(Self.hear(try Self.world(calledBy: isPhone)) == 50)
  }

  @Test("is not sent where there is none to send, nor before there is a path")
  func absent() throws {
    let world = try CallWorld.streaming()
    world.watchArrivals()
    #expect(Self.hear(world) == 0)
    let early = try CallWorld()
    early.camera.hasSound = true
    early.watchArrivals()
    try early.call(from: early.camera, to: early.phone.jid.bare)
    early.camera.offerSound()
    early.network.run(for: .milliseconds(10))
    #expect(early.arrivals(since: .uptimeNanoseconds(0)) == 0)
  }

  @Test("a viewer who has muted it is sent none, and hears it again afterwards; the picture stays")
  func muted() throws {
    let world = try Self.world()
    world.stream(for: .seconds(1))
    Self.modify("0", to: .responder, world)
    #expect(Self.hear(world) == 0)
    #expect(world.camera.offerFrame(isKeyFrame: false) == .sent)
    Self.modify("0", to: .both, world)
    #expect(Self.hear(world) == 50)
  }

  @Test("a viewer who has muted the picture alone hears the sound")
  func pictureMuted() throws {
    let world = try Self.world()
    Self.modify("1", to: .responder, world)
    #expect(Self.hear(world) == 50)
  }

  @Test(
    "an answer that says of the sound that nobody sends it is taken at its word, any other is not, and a content-modify is",
    arguments: [
      (Content.Senders?.none, 50), (Content.Senders.none, 0), (.initiator, 50), (.responder, 50), (.both, 50),
    ])
  func answered(senders: Content.Senders?, heard: Int) throws {
    let world = try Self.world(senders: senders)
    #expect(Self.hear(world) == heard)
    #expect(world.camera.offerFrame(isKeyFrame: true) == .sent)
    Self.modify("0", to: .responder, world)
    #expect(Self.hear(world) == 0)
    Self.modify("0", to: .both, world)
    #expect(Self.hear(world) == 50)
  }

  @Test(
    "an offer of sound that only the caller sends, or nobody, is answered, and a content-modify lets the camera be heard",
    arguments: [(Content.Senders?.none, 50), (Content.Senders.none, 0), (.initiator, 0), (.responder, 50), (.both, 50)])
  func offered(senders: Content.Senders?, heard: Int) throws {
    let world = try Self.world(calledBy: true, senders: senders)
    #expect(Self.hear(world) == heard)
    #expect(world.camera.offerFrame(isKeyFrame: true) == .sent)
    Self.modify("0", to: .initiator, world)
    #expect(Self.hear(world) == 0)
    Self.modify("0", to: .both, world)
    #expect(Self.hear(world) == 50)
  }

  @Test("an answer that says of the picture that nobody sends it is taken at its word, until a content-modify")
  func pictureOfNobody() throws {
    let world = try CallWorld()
    world.server.setSenders(of: "1", to: Content.Senders.none, in: .sessionAccept)
    try world.call(from: world.camera, to: world.phone.jid.bare)
    try #require(world.connects())
    #expect(world.camera.offerFrame(isKeyFrame: true) == .dropped(.muted))
    Self.modify("1", to: .both, world)
    #expect(world.camera.offerFrame(isKeyFrame: true) == .sent)
  }

  private static func inform(_ info: SessionInfo, _ world: CallWorld) {
    let jingle = Jingle(action: .sessionInfo, sid: "session-1", info: info)
    world.server.send(.iq(.set, id: "i-\(info)", to: world.camera.jid, jingle.element), from: world.phone)
    world.network.run(for: .milliseconds(100))
  }

  @Test(
    "who holds the call is sent nothing, and both afterwards, beginning with a key frame",
    arguments: [SessionInfo.unhold, .active])
  func held(_ end: SessionInfo) throws {
    let world = try Self.world(calledBy: true)
    world.stream(for: .seconds(1))
    Self.inform(.hold, world)
    #expect(Self.hear(world) == 0)
    #expect(world.camera.offerFrame(isKeyFrame: true) == .dropped(.muted))
    let asked = world.camera.count { if case .keyFrameRequested = $0 { true } else { false } }
    Self.inform(end, world)
    #expect(world.camera.count { if case .keyFrameRequested = $0 { true } else { false } } == asked + 1)
    #expect(Self.hear(world) == 50)
    #expect(world.camera.offerFrame(isKeyFrame: true) == .sent)
  }

  private static func wanted(_ world: CallWorld) -> [Bool] {
    world.camera.events.compactMap { if case .soundWanted(let isWanted) = $0.event { isWanted } else { nil } }
  }

  @Test("is wanted while somebody can hear it", arguments: [false, true])
  func wanted(_ isPhone: Bool) throws {
    let world = try Self.world(calledBy: isPhone)
    #expect(Self.wanted(world) == [true])
    Self.inform(.hold, world)
    #expect(Self.wanted(world) == [true, false])
    Self.inform(.unhold, world)
    Self.modify("0", to: isPhone ? .initiator : .responder, world)
    #expect(Self.wanted(world) == [true, false, true, false])
    Self.modify("0", to: .both, world)
    let removal = Jingle(
      action: .contentRemove, sid: "session-1", contents: [Content(creator: .initiator, name: "0")])
    world.server.send(.iq(.set, id: "r", to: world.camera.jid, removal.element), from: world.phone)
    world.network.run(for: .milliseconds(100))
    #expect(Self.wanted(world) == [true, false, true, false, true, false])
  }

  @Test("is not wanted in a call that carries none")
  func unwanted() throws {
    let world = try CallWorld.streaming()
    world.network.run(for: .seconds(1))
    #expect(Self.wanted(world).isEmpty)
  }

  @Test("who mutes the own microphone hears as before")
  func ownMuted() throws {
    let world = try Self.world(calledBy: true)
    Self.inform(.mute(creator: .initiator, name: "0"), world)
    #expect(Self.hear(world) == 50)
    Self.inform(.active, world)
    #expect(Self.hear(world) == 50)
  }

  @Test("a call for sound alone is answered with sound alone, outlives no lost path, and tells what it sent")
  func alone() throws {
    let world = try CallWorld()
    (world.camera.hasSound, world.phone.hasSound) = (true, true)
    try world.call(from: world.phone, to: world.camera.jid.bare, media: [.audio])
    try #require(world.connects())
    world.watchArrivals()
    // As a camera that calls, the phone has asked not to be sent anything.
    Self.modify("0", to: .both, world)
    #expect(Self.hear(world) == 50)
    let accept = try #require(
      world.camera.sent.compactMap { $0.stanza.first("jingle", "urn:xmpp:jingle:1") }
        .first { $0["action"] == "session-accept" })
    let contents = try Jingle(accept).contents
    #expect(contents.map(\.description?.media) == [.audio])
    #expect(contents[0].senders ?? .both == .both)
    #expect(contents[0].description?.sources.count == 1)
    world.network.run(for: .seconds(1))
    #expect(world.camera.call?.latestStatistics?.sound?.packetsSent == 50)
    #expect(world.camera.call?.latestStatistics?.soundSource?.drift == -30)
    #expect(world.camera.call?.latestStatistics?.soundSource?.losses == 1)
    #expect(world.camera.call?.latestStatistics?.sound?.latency?.p95 == 0)
    #expect((world.camera.call?.latestStatistics?.transport.bytesSent ?? 0) > 50 * 240)
    world.phone.vanish()
    world.network.run(for: .minutes(2))
    #expect(world.camera.result != nil && world.camera.result?.setupTime != nil)
  }

  @Test("a call for sound alone is refused where there is none")
  func aloneRefused() throws {
    let world = try CallWorld()
    world.phone.hasSound = true
    try world.call(from: world.phone, to: world.camera.jid.bare, media: [.audio])
    world.network.run(for: .seconds(5))
    #expect(world.phone.result != nil)
    let reject = world.camera.sent.compactMap { $0.stanza.first("reject", "urn:xmpp:jingle-message:0") }.first
    let reason = try #require(reject?.first("reason", "urn:xmpp:jingle:1"))
    #expect(reason.elements.first?.name == "unsupported-applications")
  }
}
