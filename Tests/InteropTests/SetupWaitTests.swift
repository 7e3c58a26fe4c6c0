import Foundation
import Testing

/// What comes after the service was started: the code, and the first call.
@Suite(
  "jinglecam setup, waiting for the phone",
  .serialized, .enabled(if: ServiceNamespace.isWanted, "run it as root, with JINGLECAM_WORLD set as scripts/test does"))
struct SetupWaitTests {
  private let world: World
  private let pair: World.Pair

  init() throws {
    world = try World.current()
    pair = try world.pair()
  }

  private var options: [String] {
    [
      "--server", world.server, "--ca-file", world.caFile, "--source", "pattern:320x180@10", "--jid", pair.camera,
      "--password-file", world.passwordFile, "--name", "Door",
    ]
  }

  @Test("the code is shown; whoever adds the camera and writes it is called, sees the picture, and that is the end")
  func call() async throws {
    let namespace = try ServiceNamespace()
    defer { namespace.clean() }
    let program = try namespace.terminal(options)
    try await program.answer("Who may watch?", "")
    let shown = try await program.wait(for: "Waiting for the phone")
    #expect(shown.contains("\u{1b}[32mok\u{1b}[0m") && shown.contains("\u{1b}[32mdone\u{1b}[0m"))
    let code = try #require(shown.firstMatch(of: #/write (\d{4} \d{4}) to it/#).map { String($0.1) })
    let person = try world.pair().viewer
    let viewer = try await Viewer(person, in: world, ["--add", pair.camera, "--write", pair.camera, code])
    try await program.wait(for: "\(person) has paired")
    try await program.wait(for: "\(person) has added the camera.")
    try await program.wait(for: "\(person) sees the camera.")
    let end = await program.end()
    #expect(end.code == 0 && !end.shown.contains("runs."), "\(end.shown)")
    try await viewer.wait(for: "first-frame")
    viewer.interrupt()
    #expect(try await viewer.summary().framesDecoded > 0)
    #expect(namespace.isServiceRunning)
  }

  @Test("Enter and Ctrl-C end the wait, and the service runs", arguments: ["\n", "\u{3}"])
  func ended(key: String) async throws {
    let namespace = try ServiceNamespace()
    defer { namespace.clean() }
    let program = try namespace.terminal(options + ["--allow", pair.viewer])
    try await program.wait(for: "Waiting for the phone")
    program.type(key)
    let (shown, code) = await program.end()
    #expect(code == 0 && shown.contains("jinglecam.service runs."), "\(shown)")
    #expect(namespace.isServiceRunning)
  }

  @Test("unattended the code is a step, and nothing is waited for")
  func unattended() async throws {
    struct Step: Decodable {
      let step: String?
      let code: String?
      let expiresIn: Int?
    }
    let namespace = try ServiceNamespace()
    defer { namespace.clean() }
    let lines = try await namespace.program(options + ["--yes", "--json"]).success().lines
    let steps = try lines.map { try JSONDecoder().decode(Step.self, from: Data($0.utf8)) }
    #expect(steps.compactMap(\.step).suffix(3) == ["service", "contact", "pairing"])
    let pairing = try #require(steps.first { $0.step == "pairing" })
    #expect(pairing.code?.wholeMatch(of: #/\d{4} \d{4}/#) != nil && (500...600).contains(pairing.expiresIn ?? 0))
    #expect(namespace.isServiceRunning)
  }
}
