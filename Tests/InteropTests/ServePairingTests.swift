import Foundation
import Testing
import XMPP

/// How a camera that nobody may watch comes by its first admin, and he by others who watch.
@Suite(
  "jinglecam serve, paired by a code",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct ServePairingTests {
  @Test("whoever writes the code may let another watch, who calls, sees a picture, and is hung up on when forbidden")
  func pairing() async throws {
    let world = try World.current()
    let camera = try await UnpairedCamera(in: world)
    defer { camera.forget() }
    let (admin, viewer) = (try world.pair().viewer, try world.pair().viewer)
    let answers = try await camera.ask(
      admin,
      [
        "chat hello", "chat '\(try camera.wrongCode)'", "chat '\(try camera.code)'", "chat 'allow \(viewer)'",
        "chat who",
      ])
    #expect(answers[0].contains(#""answer": null"#), "a stranger who has no code learns nothing")
    #expect(answers[1].contains("The code is wrong"))
    #expect(answers[2].contains("You are now an admin"))
    #expect(answers[3].contains("\(viewer) may watch now"))
    #expect(answers[4].contains("\(admin): admin, by chat") && answers[4].contains("\(viewer): viewer, by chat"))

    let watching = try await Viewer(viewer, in: world, ["--subscribe", "--call", camera.account])
    try await watching.wait(for: "first-frame")
    let forbidden = try await camera.ask(
      admin, ["chat 'forbid \(admin)'", "chat 'forbid \(viewer)'", "chat who"])
    #expect(forbidden.contains { $0.contains("only another one can remove you") })
    #expect(forbidden.contains { $0.contains("\(viewer) may no longer watch") })
    #expect(forbidden.last?.contains(viewer) == false)
    let seen = try await watching.end()
    #expect(seen.outcome == "terminated" && seen.detail == "success")
    let knocking = try await Viewer(viewer, in: world, ["--knock", camera.device])
    #expect(try await knocking.end().detail == nil)
    try await camera.stop()
  }

  @Test("who made the camera a contact before it was paired sees it online afterwards", .timeLimit(.minutes(1)))
  func contact() async throws {
    let world = try World.current()
    let camera = try await UnpairedCamera(in: world)
    defer { camera.forget() }
    let person = try await world.client(try world.pair().viewer)
    person.send(
      XMLElement(
        "presence", namespace: Namespace.client, attributes: ["type": "subscribe", "to": camera.account]))
    try await camera.program.line(containing: "a contact request was ignored")
    person.send(ChatMessage.make(to: try JID(camera.account), try camera.code))
    let granted = await person.stanzas.first {
      $0.name == "presence" && $0["type"] == "subscribed" && $0.from?.description == camera.account
    }
    #expect(granted != nil)
    await person.close()
    try await camera.stop()
  }

  @Test("after a restart the admin is one still, there is no code, and another's former code is nothing")
  func restart() async throws {
    let world = try World.current()
    let camera = try await UnpairedCamera(in: world)
    defer { camera.forget() }
    let (admin, other) = (try world.pair().viewer, try world.pair().viewer)
    try await camera.ask(admin, ["chat '\(try camera.code)'"])
    try await camera.stop()
    let again = try await UnpairedCamera(camera)
    #expect(again.codeLine == nil)
    let strange = try await again.ask(other, ["chat '\(try camera.code)'"])
    #expect(strange.last?.contains(#""answer": null"#) == true)
    let answers = try await again.ask(admin, ["chat who"])
    #expect(answers.last?.contains("\(admin): admin, by chat") == true)
    try await again.stop()
  }

  @Test("five wrong codes of two accounts end it; SIGHUP makes a new one")
  func wrongCodes() async throws {
    let world = try World.current()
    let camera = try await UnpairedCamera(in: world)
    defer { camera.forget() }
    let (first, second) = (try world.pair().viewer, try world.pair().viewer)
    let wrong = "chat '\(try camera.wrongCode)'"
    try await camera.ask(first, [wrong, wrong, wrong])
    let answers = try await camera.ask(second, [wrong, wrong, "chat '\(try camera.code)'"])
    #expect(answers.last?.contains(#""answer": null"#) == true)
    try await camera.program.line(containing: "no longer valid")
    try camera.program.hangUp()
    let line = try await camera.program.line(containing: "code=")
    let code = try #require(line.firstMatch(of: #/code="([^"]*)"/#).map { String($0.1) })
    let paired = try await camera.ask(second, ["chat '\(code)'"])
    #expect(paired.contains { $0.contains("You are now an admin") })
    try await camera.stop()
  }

  @Test("whom the settings name no chat removes, and a domain no chat allows")
  func settings() async throws {
    let camera = try await AskedCamera()
    let domain = camera.call.world.domain
    let answers = try await camera.ask(
      camera.admin, ["chat 'forbid \(camera.viewer)'", "chat 'allow \(domain)'", "run allow person=\(camera.viewer)"])
    #expect(answers.contains { $0.contains("The settings allow \(camera.viewer): remove it there") })
    #expect(answers.contains { $0.contains("only the settings can allow") })
    #expect(answers.last?.contains("is allowed already") == true)
    let others = try await camera.ask(camera.viewer, ["chat 'allow ann@\(domain)'", "chat who"])
    #expect(others.filter { $0.contains("Only an admin can ask for that.") }.count == 2)
  }
}

/// A camera that was started without anybody who may watch it.
private struct UnpairedCamera {
  let world: World
  let account: String
  let program: Program
  let device: String
  /// Nil if it has none.
  let codeLine: String?
  private let pair: World.Pair
  private let state: URL

  init(in world: World) async throws {
    try await self.init(
      try world.pair(), in: world,
      FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString)"))
  }

  /// The same after a restart.
  init(_ former: UnpairedCamera) async throws {
    try await self.init(former.pair, in: former.world, former.state)
  }

  private init(_ pair: World.Pair, in world: World, _ state: URL) async throws {
    program = try ServedCamera.start(
      "pattern:320x240@25", pair, in: world, [], environment: ["XDG_STATE_HOME": state.path])
    var codeLine: String?
    var online: String?
    while online == nil, let line = await program.line() {
      if line.contains("code=") { codeLine = line }
      if line.contains("online") { online = line }
    }
    device = try #require(online?.firstMatch(of: #/jid=(\S+)/#).map { String($0.1) })
    (self.world, self.pair, self.state, self.codeLine, account) = (world, pair, state, codeLine, pair.camera)
  }

  var code: String {
    get throws { try #require(codeLine?.firstMatch(of: #/code="([^"]*)"/#).map { String($0.1) }) }
  }

  var wrongCode: String {
    get throws { String(try code.dropLast()) + (try code.last == "0" ? "1" : "0") }
  }

  @discardableResult
  func ask(
    _ jid: String, _ steps: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> [String] {
    try await world.ask(device, as: jid, steps, sourceLocation: sourceLocation)
  }

  func stop() async throws {
    program.interrupt()
    try await program.success()
  }

  func forget() { try? FileManager.default.removeItem(at: state) }
}
