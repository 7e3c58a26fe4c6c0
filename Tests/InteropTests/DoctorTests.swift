import Foundation
import TestSupport
import Testing

/// Against a real Prosody and a real coturn, and with a made-up camera.
@Suite("jinglecam doctor", .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct DoctorTests {
  private struct Line: Decodable {
    let type: String
    let version: Int
    let subject: String?
    let level: String?
    let text: String?
    let fix: String?
    let status: Int32
    let problems: Int?
    let warnings: Int?
  }

  private struct Visit {
    let end: Program.End
    let lines: [Line]

    func finding(_ subject: String, _ level: String) -> Line? {
      lines.first { $0.type == "finding" && $0.subject == subject && $0.level == level }
    }

    var problems: [Line] { lines.filter { $0.level == "problem" } }
    var conclusion: Line? { lines.last }
  }

  private let world: World
  private let secrets: [String]

  init() throws {
    world = try World.current()
    secrets = try [world.passwordFile, world.wrongPasswordFile, world.turnPasswordFile].map {
      try String(contentsOfFile: $0, encoding: .utf8)
    }
  }

  /// A healthy command line but for what a test changes.
  private func visit(
    _ source: String = "camera", hasTURN: Bool = true, changes: [String: String] = [:], _ more: [String] = [],
    environment: [String: String]
  ) async throws -> Visit {
    let pair = try world.pair(hasTURN: hasTURN)
    let options = [
      "--jid": pair.camera, "--password-file": world.passwordFile, "--server": world.server,
      "--ca-file": world.caFile, "--allow": pair.viewer, "--fps": "25",
    ].merging(changes) { $1 }.flatMap { [$0.key, $0.value] }
    let program = try Program(
      Call.jinglecam, ["doctor", source, "--json"] + options + more, environment: environment)
    let end = try await program.end()
    for secret in secrets { #expect(end.lines.allSatisfy { !$0.contains(secret) }) }
    return Visit(end: end, lines: try end.lines.map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) })
  }

  @Test("where all is well, each thing that serve needs is told of, and the camera is free again")
  func healthy() async throws {
    let camera = try StandInCamera()
    let visit = try await visit(environment: camera.environment)
    #expect(visit.problems.isEmpty, "\(visit.end.lines)")
    #expect(visit.end.code == 0 && visit.conclusion?.type == "conclusion" && visit.conclusion?.status == 0)
    #expect(visit.lines.allSatisfy { $0.version == 1 })
    for subject in [
      "configuration", "password", "permissions", "camera", "format", "login", "contacts", "path", "clock",
    ] {
      #expect(visit.finding(subject, "ok") != nil, "\(subject): \(visit.end.lines)")
    }
    // How many pictures came, and what they cost, is this machine's to say: what is told, and not how much, is tested.
    #expect(visit.lines.contains { $0.subject == "capture" && $0.text?.contains("frames per second") == true })
    #expect(visit.lines.contains { $0.subject == "encoder" && $0.text?.contains("% of one core at 25 fps") == true })
    #expect(visit.finding("camera", "ok")?.text?.contains(StandInCamera.stableName) == true)
    #expect(visit.finding("format", "ok")?.text == "YUYV 640x480 at 25 fps, cheaply converted")
    let server = try #require(visit.finding("server", "ok")?.text)
    #expect(server.contains("XEP-0198") && server.contains("XEP-0215"))
    #expect(camera.standIn.openDescriptors == 0 && camera.standIn.mappedBuffers == 0)
  }

  @Test("a wrong password is told like check tells it, and the camera is looked at all the same")
  func wrongPassword() async throws {
    let camera = try StandInCamera()
    let visit = try await visit(
      changes: ["--password-file": world.wrongPasswordFile], environment: camera.environment)
    #expect(visit.end.code == 77 && visit.problems.map(\.subject) == ["login"])
    let login = try #require(visit.problems.first)
    #expect(login.text?.contains("refuses the password of") == true && login.status == 77)
    #expect(login.fix?.contains("--password-file") == true)
    #expect(visit.finding("camera", "ok") != nil)
  }

  @Test("a camera that another program has is told, and the account is looked at all the same")
  func busy() async throws {
    let camera = try StandInCamera()
    camera.standIn.isBusy = true
    let visit = try await visit("/dev/video0", environment: camera.environment)
    #expect(visit.end.code == 75 && visit.problems.map(\.subject) == ["camera"])
    #expect(visit.problems.first?.text?.contains("/dev/video0 is in use by") == true)
    #expect(visit.problems.first?.fix?.isEmpty == false)
    #expect(visit.finding("login", "ok") != nil && visit.finding("path", "ok") != nil)
  }

  @Test("a camera that is not there is told, with the one that is")
  func missing() async throws {
    let camera = try StandInCamera()
    let visit = try await visit("/dev/video5", environment: camera.environment)
    #expect(visit.end.code == 66 && visit.problems.map(\.subject) == ["camera"])
    #expect(visit.problems.first?.text == "there is no camera at /dev/video5")
    #expect(visit.problems.first?.fix?.contains("/dev/video0 (Acme Cam)") == true)
  }

  @Test("a camera that may not be opened, and one that gives no picture, are told apart")
  func useless() async throws {
    let forbidden = try StandInCamera()
    forbidden.standIn.failOpen(EACCES)
    let closed = try await visit("/dev/video0", environment: forbidden.environment)
    #expect(closed.end.code == 77 && closed.problems.map(\.subject) == ["camera"])
    #expect(closed.problems.first?.text?.contains("not allowed to open") == true)
    let silent = try StandInCamera()
    silent.standIn.stall()
    let dark = try await visit("/dev/video0", environment: silent.environment)
    #expect(dark.end.code == 69 && dark.problems.map(\.subject) == ["capture"], "\(dark.end.code) \(dark.lines)")
    #expect(dark.problems.first?.text?.contains("gave no picture") == true)
  }

  @Test("a microphone is listened to, and one that is in use is told")
  func microphone() async throws {
    let microphone = try ServeSoundTests.makeMicrophone()
    let environment = ServeSoundTests.environment(of: microphone)
    let healthy = try await visit("pattern", changes: ["--microphone": microphone.id], environment: environment)
    // A sine with half of the full scale, and in the second channel a quarter.
    let heard = try #require(healthy.finding("microphone", "ok")?.text)
    #expect(heard.contains("Acme Microphone") && heard.contains("level -11 dB, peak -6 dB"), "\(heard)")
    #expect(microphone.openCount == 0)
    microphone.set(.openError, EBUSY)
    let busy = try await visit("pattern", changes: ["--microphone": microphone.id], environment: environment)
    #expect(busy.finding("microphone", "warning")?.text?.contains("in use") == true)
    #expect(busy.problems.isEmpty)
  }

  @Test("Ctrl-C ends it, and the camera is free again")
  func interrupted() async throws {
    let camera = try StandInCamera()
    let program = try Program(
      Call.jinglecam, ["doctor", "camera", "--jid", "cam@\(world.domain)", "--allow", world.domain],
      environment: camera.environment)
    try camera.standIn.awaitStreaming()
    program.interrupt()
    #expect(try await program.end().code == 130)
    #expect(camera.standIn.openDescriptors == 0)
  }

  @Test("a TURN server that refuses the credentials is told, with the variables that hold them")
  func wrongTURNSecret() async throws {
    let visit = try await visit(
      "pattern:640x480@25", hasTURN: false, ["--turn", TURNTests.Way.udp.uri(world)],
      environment: ["JINGLECAM_TURN_USERNAME": world.turnUsername, "JINGLECAM_TURN_PASSWORD": secrets[1]])
    #expect(visit.end.code == 77 && visit.problems.map(\.subject) == ["path"])
    #expect(visit.problems.first?.fix?.contains("refuses the credentials") == true)
    #expect(visit.problems.first?.fix?.contains("JINGLECAM_TURN_PASSWORD") == true)
  }

  @Test("a file with an unknown key, and a server that is not there, are told with what to do")
  func settings() async throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString).yaml").path
    try "jid: cam@example.net\nsise: 640x480\n".write(toFile: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: file) }
    let unknown = try await visit("pattern", ["--config", file], environment: [:])
    #expect(unknown.end.code == 78)
    #expect(unknown.problems.map(\.text) == ["\(file):2: unknown key 'sise'"])
    let unreachable = try await visit(
      "pattern", changes: ["--server": "127.0.0.1:9"], environment: [:])
    #expect(unreachable.end.code == 69 && unreachable.problems.map(\.subject) == ["login"])
    #expect(unreachable.problems.first?.fix?.contains("--server") == true)
  }

  @Test("for people it is a line each, that names cause and cure")
  func people() async throws {
    let pair = try world.pair()
    let program = try Program(
      Call.jinglecam,
      [
        "doctor", "pattern:160x120@25", "--jid", pair.camera, "--password-file", world.wrongPasswordFile, "--server",
        world.server, "--ca-file", world.caFile, "--viewers", "0",
      ])
    let end = try await program.end()
    #expect(end.code == 64, "that of the first problem")
    #expect(end.lines.first == "problem  configuration  --viewers '0' is out of range: choose 1 to 64")
    #expect(end.lines.contains { $0.hasPrefix("problem  login          \(world.domain) refuses the password") })
    #expect(end.lines.last?.hasPrefix("2 problems") == true)
  }
}
