import Foundation
import Logging
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
    let password = try String(contentsOfFile: world.passwordFile, encoding: .utf8)
    let viewer = try await XMPPClient.connect(
      .init(
        jid: JID(pair.viewer), password: password, server: ("127.0.0.1", serverPort), caFile: world.caFile),
      on: loop, logger: Logger(label: "viewer") { _ in SwiftLogNoOpLogHandler() })
    let camera = try Program(
      Call.jinglecam,
      [
        "serve", "pattern", "--jid", pair.camera, "--password-file", world.passwordFile, "--server",
        "127.0.0.1:\(relay.port)", "--ca-file", world.caFile, "--allow", pair.viewer, "--log-level", "info",
      ])
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

  /// Of one of its devices: of an account that is offline the server itself speaks.
  private func nextPresence(of account: String, at viewer: XMPPClient) async -> XMLElement? {
    for await stanza in viewer.stanzas where stanza.name == "presence" {
      guard let from = stanza.from, !from.isBare, from.bare.description == account else { continue }
      return stanza
    }
    return nil
  }
}
