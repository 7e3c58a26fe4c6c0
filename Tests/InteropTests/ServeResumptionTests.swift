import Account
import Foundation
import Jingle
import NIOPosix
import Streamer
import TestSupport
import Testing
import XMPP

@Suite(
  "jinglecam serve when its connection is cut",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct ServeResumptionTests {
  @Test(
    "the stream goes on under the same address: what came meanwhile is answered, and nobody saw the camera leave",
    .timeLimit(.minutes(2)))
  func cut() async throws {
    let world = try World.current()
    let pair = try world.pair()
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let serverPort = try #require(Int(world.server.split(separator: ":").last ?? ""))
    let relay = try await TCPRelay.start(to: serverPort, on: loop)
    let viewer = try await world.client(pair.viewer)
    let camera = try serve(pair, in: world, over: relay)
    let device = try #require(await nextPresence(of: pair.camera, at: viewer)?.from)
    let ping = XMLElement.iq(.get, id: "", to: device, XMLElement("ping", namespace: Ping.namespace))
    // Answered after the server has let the stream be resumed, since all comes in order.
    #expect(try await viewer.request(ping).from == device)

    await relay.swallow()
    async let pong = viewer.request(ping)
    for await direction in relay.swallowed where direction == .toClient { break }
    await relay.cut()
    let line = try await camera.line(containing: "XMPP stream resumed")
    #expect(line.contains(device.description))
    #expect(try await pong.from == device)

    camera.interrupt()
    // The next that is heard of it is its orderly end.
    let next = try #require(await nextPresence(of: pair.camera, at: viewer))
    #expect(next["type"] == "unavailable" && next.from == device)
    try await camera.success()
    await viewer.close()
    try await relay.stop()
  }

  @Test(
    "a call and a command that fall into the break are answered; a command that was kept is not",
    .timeLimit(.minutes(2)))
  func held() async throws {
    let world = try World.current()
    let pair = try world.pair()
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let relay = try await TCPRelay.start(to: try #require(Int(world.server.split(separator: ":").last ?? "")), on: loop)
    let viewer = try await world.client(pair.viewer)
    let account = try JID(pair.camera)
    // Nobody is there yet: this is for nobody.
    viewer.send(ChatMessage.make(to: account, "status"))
    let camera = try serve(pair, in: world, over: relay)
    let device = try #require(await nextPresence(of: pair.camera, at: viewer)?.from)
    let ping = XMLElement.iq(.get, id: "", to: device, XMLElement("ping", namespace: Ping.namespace))
    #expect(try await viewer.request(ping).from == device)

    await relay.swallow()
    var old = ChatMessage.make(to: account, "status")
    old.append(
      XMLElement("delay", namespace: "urn:xmpp:delay", attributes: ["stamp": "2026-01-01T00:00:00Z"]))
    viewer.send(old)
    viewer.send(ChatMessage.make(to: account, "help"))
    viewer.send(JingleMessage(id: "held", .propose([.video])).stanza(to: account))
    for await direction in relay.swallowed where direction == .toClient { break }
    await relay.cut()
    try await camera.line(containing: "XMPP stream resumed")
    var answers: [String] = []
    for await stanza in viewer.stanzas where stanza.name == "message" && stanza.from == device {
      if let body = stanza.first("body", Namespace.client)?.text { answers.append(String(body.prefix(5))) }
      if let message = try JingleMessage(live: stanza) { answers.append("\(message.kind)") }
      if answers.count == 3 { break }
    }
    #expect(answers.sorted() == ["help:", "proceed", "ringing"], "\(answers)")
    camera.interrupt()
    try await camera.success()
    await viewer.close()
    try await relay.stop()
  }

  /// Of one of its devices: of an account that is offline the server itself speaks.
  private func nextPresence(of account: String, at viewer: XMPPClient) async -> XMLElement? {
    for await stanza in viewer.stanzas where stanza.name == "presence" {
      guard let from = stanza.from, !from.isBare, from.bare.description == account else { continue }
      return stanza
    }
    return nil
  }

  private func serve(_ pair: World.Pair, in world: World, over relay: TCPRelay) throws -> Program {
    try Program(
      Call.jinglecam,
      [
        "serve", "pattern", "--jid", pair.camera, "--password-file", world.passwordFile, "--server",
        "127.0.0.1:\(relay.port)", "--ca-file", world.caFile, "--allow", pair.viewer, "--log-level", "info",
      ])
  }
}
