import Account
import Foundation
import Streamer
import Testing
import XMPP

/// Whoever tries it with an account of his own.
@Suite(
  "jinglecam serve on an account that has other contacts",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct ServeSharedAccountTests {
  @Test(
    "they stay contacts, and see nothing but that somebody is there; who may watch sees the camera, and calls it",
    .timeLimit(.minutes(1)))
  func others() async throws {
    let world = try World.current()
    let pair = try world.pair()
    let friend = try await world.client(try world.pair().viewer)
    let owner = try await world.client(pair.camera)
    friend.send(Self.presence("subscribe", to: pair.camera))
    _ = try await Self.presence(at: owner) { $0["type"] == "subscribe" }
    owner.send(Self.presence("subscribed", to: friend.jid.bare.description))
    _ = try await Self.presence(at: friend) { $0["type"] == "subscribed" }

    let viewer = try await world.client(pair.viewer)
    let program = try ServedCamera.start("pattern:320x240@25", pair, in: world, ["--allow", pair.viewer])
    let online = try await program.line(containing: "online")
    let device = try #require(online.firstMatch(of: #/jid=(\S+)/#).map { try JID(String($0.1)) })
    #expect(try await program.line(containing: "an account of its own").contains("contacts=1"))
    let shown = try await Self.presence(at: viewer) { $0.from == device && !$0.elements.isEmpty }
    #expect(shown.first("status", Namespace.client)?.text == "ready")
    #expect(shown.elements.contains { $0.name == "c" })
    let call = try await Viewer(pair.viewer, in: world, ["--call", pair.camera, "--count-frames", "5"])
    #expect(try await call.end().outcome == "hung-up")
    program.interrupt()
    try await program.success()

    var seen: [String] = []
    _ = try await Self.presence(at: friend) { stanza in
      guard stanza.from?.bare == device.bare, stanza.from == device || stanza.from?.isBare == true else { return false }
      seen.append(stanza["type"] ?? "available")
      // A server may add when it was.
      #expect(stanza.elements.allSatisfy { $0.name == "delay" }, "\(stanza)")
      return stanza["type"] == "unavailable"
    }
    #expect(seen == ["available", "unavailable"])
    #expect(await owner.roster()[friend.jid]?.subscription == .from)
    for client in [friend, owner, viewer] { await client.close() }
  }

  @Test(
    "whom the camera let in loses its presence once he is struck off, where it still knows that after a restart",
    .timeLimit(.minutes(1)), arguments: [true, false])
  func restart(isKept: Bool) async throws {
    let world = try World.current()
    let pair = try world.pair()
    let guest = try await world.client(try world.pair().viewer)
    let state = FileManager.default.temporaryDirectory.appending(path: "jinglecam-state-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: state) }
    func start(_ options: [String], _ name: String) throws -> Program {
      try ServedCamera.start(
        "pattern", pair, in: world, ["--allow", pair.viewer] + options,
        environment: ["XDG_STATE_HOME": state.appending(path: name).path])
    }
    let former = try start(["--allow", guest.jid.bare.description], "former")
    try await former.line(containing: "online")
    guest.send(Self.presence("subscribe", to: pair.camera))
    _ = try await Self.presence(at: guest) { $0["type"] == "subscribed" }
    former.interrupt()
    try await former.success()
    _ = try await Self.presence(at: guest) { $0["type"] == "unavailable" && $0.from?.isBare == false }

    let program = try start([], isKept ? "former" : "other")
    let told = try await Self.presence(at: guest) {
      $0.from?.bare.description == pair.camera && ($0["type"] == "unsubscribed" || $0["type"] == nil)
    }
    #expect(told["type"] == "unsubscribed" || told.elements.allSatisfy { $0.name == "delay" })
    if isKept {
      if told["type"] == nil { _ = try await Self.presence(at: guest) { $0["type"] == "unsubscribed" } }
    } else {
      try await program.line(containing: "an account of its own")
    }
    program.interrupt()
    try await program.success()
    await guest.close()
  }

  private static func presence(_ type: String, to jid: String) -> XMLElement {
    XMLElement("presence", namespace: Namespace.client, attributes: ["type": type, "to": jid])
  }

  private struct Nothing: Error {}

  /// Reads on to the first presence that is meant.
  private static func presence(
    at client: XMPPClient, _ isMeant: (XMLElement) -> Bool
  ) async throws -> XMLElement {
    for await stanza in client.stanzas where stanza.name == "presence" && isMeant(stanza) { return stanza }
    throw Nothing()
  }
}
