import Foundation
import TestSupport
import Testing

/// The dialogue at a terminal. Nobody answers at the server's port.
@Suite("jinglecam setup at a terminal")
struct SetupTerminalTests {
  private let directory: URL

  /// The questions in their order, and an answer to each.
  private static let questions = [
    ("There is no camera", "pattern:64x64@5"), ("Your choice", "1"), ("Address of the account", "cam@home.example"),
    ("Password of cam@home.example", "s3cret"), ("Who may watch?", "ann@home.example"), ("Name of the camera", "Door"),
  ]

  init() throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "jinglecam-setup-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory.appending(path: "dev"), withIntermediateDirectories: true)
  }

  private func clean() { try? FileManager.default.removeItem(at: directory) }

  private var files: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []).filter { $0 != "dev" }
  }

  private var options: [String] {
    ["setup", "--config", directory.appending(path: "cam.yaml").path, "--server", "127.0.0.1:1"]
  }

  /// A computer without a camera, whose terminal has colours.
  private var environment: [String: String] {
    [
      "LD_PRELOAD": Call.products.appending(path: "libCameraStandIn.so").path,
      "CAMERA_STAND_IN_DEV": directory.appending(path: "dev").path, "TERM": "xterm-256color", "COLORTERM": "truecolor",
    ]
  }

  private func setup(_ environment: [String: String] = [:]) throws -> TerminalProgram {
    try TerminalProgram(
      Call.jinglecam, options, environment: self.environment.merging(environment) { $1 })
  }

  @Test("Ctrl-C at any question ends it, with the echo as it was and no file written", arguments: questions.indices)
  func interrupted(index: Int) async throws {
    try await interrupt(Self.questions, at: index)
  }

  @Test("also at those of an invitation", arguments: [2, 3])
  func interruptedInvitation(index: Int) async throws {
    let invitation = [
      ("Your choice", "3"), ("Invitation link", "xmpp:home.example?register;preauth=T"),
      ("Name of the new account", "cam"),
    ]
    try await interrupt(Self.questions[..<1] + invitation, at: index)
  }

  @Test("also where one of several cameras is to be confirmed")
  func interruptedConfirmation() async throws {
    let dev = directory.appending(path: "dev").path
    let cameras = try ["video0", "video2"].map {
      try CameraStandIn(directory: dev, node: $0, formats: [.init(.yuyv, rates: [25])], pace: .clock, bus: "usb-\($0)")
    }
    defer { withExtendedLifetime(cameras) {} }
    try await interrupt([("Camera (its number", "2"), ("Is this what you want to show?", "yes")], at: 1)
  }

  private func interrupt(_ questions: [(String, String)], at index: Int) async throws {
    defer { clean() }
    let program = try setup()
    for (question, answer) in questions[..<index] { try await program.answer(question, answer) }
    try await program.wait(for: questions[index].0)
    try await program.wait(for: ": ")
    program.type("half\u{3}")
    let (shown, code) = await program.end()
    #expect(code == 130 && shown.contains("Nothing was changed."))
    #expect(program.isEchoing && files.isEmpty)
  }

  @Test("wrong answers are asked again; a server that does not answer is told, and leads back to the account")
  func wrongAnswers() async throws {
    defer { clean() }
    let program = try setup()
    try await program.answer("There is no camera", "/no/such/camera.mp4")
    try await program.wait(for: "cannot open /no/such/camera.mp4")
    try await program.answer("There is no camera", "pattern:64x64@5")
    try await program.wait(for: "\u{1b}[38;2;")
    try await program.answer("Your choice", "7")
    try await program.wait(for: "choose 1, 2 or 3")
    try await program.answer("Your choice", "2")
    try await program.answer("Address of the new account", "cam")
    try await program.wait(for: "has no user part")
    try await program.answer("Address of the new account", "cam@home.example")
    try await program.answer("Who may watch?", "*")
    try await program.wait(for: "is a pattern")
    try await program.answer("Who may watch?", "ann@home.example")
    try await program.answer("Name of the camera", "")
    try await program.wait(for: "cannot reach the XMPP server at 127.0.0.1:1")
    try await program.wait(for: "Your choice")
    program.type("\u{3}")
    #expect(await program.end().code == 130)
    #expect(files.isEmpty)
  }

  @Test("a password is not shown")
  func secret() async throws {
    defer { clean() }
    let program = try setup()
    for (question, answer) in Self.questions[..<3] { try await program.answer(question, answer) }
    try await program.answer("Password of cam@home.example", "s3cret")
    #expect(!(try await program.wait(for: "Who may watch?")).contains("s3cret"))
    #expect(program.isEchoing)
    program.type("\u{4}")
    let (shown, code) = await program.end()
    #expect(code == 64 && shown.contains("setup asks its questions on a terminal"))
  }

  @Test("where no colours are wanted there is no picture", arguments: [["NO_COLOR": "1"], ["TERM": "dumb"]])
  func noColour(environment: [String: String]) async throws {
    defer { clean() }
    let program = try setup(environment)
    try await program.answer("There is no camera", "pattern:64x64@5")
    #expect(!(try await program.wait(for: "Your choice")).contains("\u{1b}["))
    program.type("\u{3}")
    _ = await program.end()
  }

  @Test("without a terminal, a camera, a server or a writable directory it ends with one line and its exit code")
  func oneLine() async throws {
    defer { clean() }
    func end(_ arguments: [String]) async throws -> Program.End {
      try await Program(Call.jinglecam, arguments, environment: environment).end()
    }
    let noTerminal = try await end(options)
    #expect(noTerminal.code == 64 && noTerminal.lines.count == 1 && noTerminal.lines[0].contains("--yes"))
    let creation = ["--yes", "--jid", "cam@home.example", "--register"]
    let camera = try await end(options + creation)
    #expect(camera.code == 66 && camera.lines.count == 1 && camera.lines[0].contains("there is no camera"))
    let server = try await end(options + creation + ["--source", "pattern:64x64@5"])
    #expect(server.code == 69 && server.lines.count == 2 && server.lines[1].contains("127.0.0.1:1"))
    let directory = try await end(["setup", "--config", "/proc/cam.yaml"] + creation)
    #expect(directory.code == 73 && directory.lines.count == 1)
    #expect(files.isEmpty)
  }
}
