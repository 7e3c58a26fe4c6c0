import Foundation
import Testing

/// From nothing to a camera that is called, against a real Prosody and a real ejabberd.
@Suite("jinglecam setup", .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct SetupTests {
  private struct Line: Decodable {
    let type: String
    let step: String?
    let jid: String?
    let isCreated: Bool?
    let file: String?
    let link: String?
    let level: String?
    let text: String?
  }

  private let world: World
  private let directory = FileManager.default.temporaryDirectory.appending(path: "jinglecam-setup-\(UUID().uuidString)")

  init() throws {
    world = try World.current()
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  private var config: String { directory.appending(path: "cam.yaml").path }

  private func clean() { try? FileManager.default.removeItem(at: directory) }

  private func options(_ viewer: String, in world: World? = nil) -> [String] {
    let world = world ?? self.world
    return [
      "setup", "--config", config, "--server", world.server, "--ca-file", world.caFile, "--source",
      "pattern:320x180@10", "--allow", viewer,
    ]
  }

  /// Runs it unattended, and returns its lines.
  ///
  /// - Parameter status: the exit code that it has to have.
  private func setup(
    _ viewer: String, in world: World? = nil, _ account: [String], status: Int32 = 0
  ) async throws -> [Line] {
    let program = try Program(Call.jinglecam, options(viewer, in: world) + ["--yes", "--json"] + account)
    let end = try await program.end()
    try #require(end.code == status, "\(end.lines)")
    return try end.lines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
  }

  /// The independent viewer calls the camera that the written settings make, and sees its pictures.
  private func call(_ account: String, by viewer: String, in world: World? = nil) async throws {
    let camera = try Program(Call.jinglecam, ["serve", "--config", config])
    try await camera.line(containing: "online")
    let caller = try await Viewer(
      viewer, in: world ?? self.world, ["--call", account, "--subscribe", "--count-frames", "15"])
    #expect(try await caller.end().framesDecoded >= 15)
    camera.interrupt()
    try await camera.success()
  }

  @Test("an account is created in-band, and whoever may watch calls it and sees the picture")
  func registration() async throws {
    defer { clean() }
    let viewer = try world.pair().viewer
    let account = "cam-\(UUID().uuidString.lowercased())@open.\(world.domain)"
    let lines = try await setup(viewer, ["--jid", account, "--register", "--name", "Front door"])
    #expect(lines.compactMap(\.step) == ["camera", "account", "settings", "service", "contact"])
    #expect(lines.first { $0.step == "account" }?.isCreated == true)
    #expect(lines.last { $0.step == "contact" }?.link == "xmpp:\(account)?roster;name=Front%20door")
    #expect(!lines.contains { $0.level == "problem" })
    try await call(account, by: viewer)

    // The same name again, without and with the account that is there.
    let taken = try await Program(
      Call.jinglecam, options(viewer) + ["--yes", "--jid", account, "--register"]
    ).end()
    #expect(taken.code == 69 && taken.lines.last?.contains("\(account) is taken") == true)
    let again = try await setup(viewer, [])
    #expect(again.first { $0.step == "account" }?.isCreated == false)
  }

  @Test("where nobody is named, the service that starts has a code for the first who may watch")
  func nobody() async throws {
    defer { clean() }
    let account = "cam-\(UUID().uuidString.lowercased())@open.\(world.domain)"
    let program = try Program(
      Call.jinglecam, options("nobody").dropLast(2) + ["--yes", "--jid", account, "--register"])
    let end = try await program.success()
    #expect(end.lines.contains { $0.contains("one-time code (its log shows it)") })
    let camera = try Program(Call.jinglecam, ["serve", "--config", config])
    try await camera.line(containing: "code=")
    camera.interrupt()
    try await camera.success()
  }

  @Test("an account is created with an invitation, which can be used once")
  func invitation() async throws {
    defer { clean() }
    let (viewer, number) = (try world.pair().viewer, try world.invitation())
    let domain = "invited.\(world.domain)"
    let link = "xmpp:\(domain)?register;preauth=\(number)"
    let account = "cam-\(UUID().uuidString.lowercased())@\(domain)"
    let lines = try await setup(viewer, ["--invitation", link, "--jid", account])
    #expect(lines.first { $0.step == "account" }?.jid == account)
    try await call(account, by: viewer)
    let used = try await Program(Call.jinglecam, options(viewer) + ["--yes", "--invitation", link]).end()
    #expect(used.code == 69 && used.lines.last?.contains("does not accept the invitation") == true)
    let without = try await Program(
      Call.jinglecam, options(viewer) + ["--yes", "--register", "--jid", "x@\(domain)"]
    ).end()
    #expect(without.code == 69 && without.lines.last?.contains("invitation only") == true)
  }

  @Test("ejabberd, which asks by plain fields, creates an account as well")
  func ejabberd() async throws {
    defer { clean() }
    let world = try World.current(.ejabberd)
    let viewer = try world.pair().viewer
    let account = "cam-\(UUID().uuidString.lowercased())@\(world.domain)"
    // This server tells of no TURN server, which doctor calls a problem of the paths; the camera is there all the same.
    let lines = try await setup(viewer, in: world, ["--jid", account, "--register"], status: 69)
    #expect(lines.compactMap(\.step).contains("service"))
    try await call(account, by: viewer, in: world)
  }

  @Test("Ctrl-C once the settings are written leaves them, and says so")
  func interrupted() async throws {
    defer { clean() }
    let pair = try world.pair()
    let program = try TerminalProgram(
      Call.jinglecam,
      options(pair.viewer) + ["--yes", "--jid", pair.camera, "--password-file", world.passwordFile])
    try await program.wait(for: "wrote \(config)")
    program.type("\u{3}")
    let (shown, code) = await program.end()
    #expect(code == 130 && shown.contains("The settings are written, and the service is as it was."))
    try await call(pair.camera, by: pair.viewer)
  }

  @Test(
    "at a terminal a wrong password is asked again, and at the end there is a code to scan")
  func terminal() async throws {
    defer { clean() }
    let pair = try world.pair()
    let program = try TerminalProgram(
      Call.jinglecam, options(pair.viewer), environment: ["TERM": "xterm-256color"], columns: 120)
    try await program.answer("Your choice", "1")
    try await program.answer("Address of the account", pair.camera)
    try await program.answer("Password of \(pair.camera)", "wrong")
    try await program.answer("Name of the camera", "")
    try await program.wait(for: "refuses the password")
    try await program.answer("Address of the account", pair.camera)
    let password = try String(contentsOfFile: world.passwordFile, encoding: .utf8)
    try await program.answer("Password of \(pair.camera)", password)
    try await program.wait(for: "\u{1b}[38;5;231;48;5;16m")
    let (shown, code) = await program.end()
    #expect(code == 0 && shown.contains("xmpp:\(pair.camera)?roster;name=Camera") && !shown.contains(password))
    try await call(pair.camera, by: pair.viewer)
  }
}
