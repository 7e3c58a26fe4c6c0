import Foundation
import Testing

/// What `jinglecam serve --check-config` finds without connecting to anything.
@Suite(
  "jinglecam serve --check-config",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct CheckConfigTests {
  private static let account = ["--jid", "cam@example.net", "--allow", "ann@example.net"]

  private func check(
    _ arguments: [String], environment: [String: String] = ["JINGLECAM_PASSWORD": "secret"]
  ) async throws -> Program.End {
    try await Program(Call.jinglecam, ["serve", "--check-config"] + arguments, environment: environment).end()
  }

  /// With a configuration file of that source and those further lines.
  private func check(
    _ source: String, _ lines: String, environment: [String: String] = [:]
  ) async throws -> Program.End {
    let file = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString).yaml")
    defer { try? FileManager.default.removeItem(at: file) }
    try "jid: cam@example.net\nallow: [ann@example.net]\nsource: \(source)\n\(lines)\n"
      .write(to: file, atomically: true, encoding: .utf8)
    return try await check(
      ["--config", file.path], environment: environment.merging(["JINGLECAM_PASSWORD": "secret"]) { $1 })
  }

  @Test("says that all is well, and who may watch")
  func good() async throws {
    let end = try await check(["pattern"] + Self.account)
    #expect(end.code == 0 && end.lines == ["the command line: ok; may watch: ann@example.net"])
  }

  @Test("lists everything that is missing: the file of the source, and the password")
  func missing() async throws {
    let end = try await check(["nothing.mp4"] + Self.account, environment: ["JINGLECAM_PASSWORD": ""])
    #expect(end.code == 66 && end.lines.count == 2, "\(end.lines)")
    #expect(end.lines.last?.contains("no password: set JINGLECAM_PASSWORD or give --password-file") == true)
    let alone = try await check(["pattern"] + Self.account, environment: ["JINGLECAM_PASSWORD": ""])
    #expect(alone.code == 78 && alone.lines.count == 1, "\(alone.lines)")
  }

  @Test("lists them also if a setting is wrong, and each control once")
  func wrongAndMissing() async throws {
    let end = try await check(
      ["nothing.mp4", "--size", "720p"] + Self.account, environment: ["JINGLECAM_PASSWORD": ""])
    #expect(end.code == 64 && end.lines.count == 3, "\(end.lines)")
    #expect(end.lines.first?.contains("--size '720p'") == true && end.lines[1].contains("nothing.mp4"))
    #expect(end.lines.last?.contains("no password") == true)
    let camera = try StandInCamera()
    let controls = try await check(
      "camera", "fps: 0\ncontrols:\n  brightness: hell\n  zoom: 1", environment: camera.environment)
    #expect(controls.code == 78 && controls.lines.count == 3, "\(controls.lines)")
    let unreadable = try await check("pattern", "controls: {\"\": 1}")
    #expect(unreadable.code == 78 && unreadable.lines.count == 1, "\(unreadable.lines)")
  }

  @Test("warns if everybody at a domain is an admin")
  func adminDomain() async throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString).yaml")
    defer { try? FileManager.default.removeItem(at: file) }
    try "jid: cam@example.net\nsource: pattern\nallow: [{jid: example.org, role: admin}]\n"
      .write(to: file, atomically: true, encoding: .utf8)
    let end = try await check(["--config", file.path])
    #expect(end.code == 0 && end.lines.count == 2, "\(end.lines)")
    #expect(
      end.lines.contains { $0.contains("warning: everybody who has or can get an account at example.org is an admin") })
  }

  @Test("asks the camera about each control, and sets none")
  func controls() async throws {
    let camera = try StandInCamera()
    let former = camera.standIn.value(of: .brightness)
    let good = try await check("camera", "controls: {brightness: 30}", environment: camera.environment)
    #expect(good.code == 0 && camera.standIn.value(of: .brightness) == former, "\(good.lines)")
    let end = try await check(
      "camera", "controls:\n  brightness: hell\n  zoom: 1", environment: camera.environment)
    #expect(end.code == 78 && end.lines.count == 2, "\(end.lines)")
    #expect(end.lines.first?.contains(".yaml:5: brightness cannot be 'hell'; choose 0 to 255") == true)
    #expect(end.lines.last?.contains(".yaml:6: Acme Cam has no control 'zoom'; it has brightness") == true)
    let pattern = try await check("pattern", "controls: {brightness: 30}")
    #expect(pattern.code == 78 && pattern.lines.first?.contains("pattern is not a camera") == true)
  }

  @Test("says that controls are not checked if the camera is not there")
  func absentCamera() async throws {
    let end = try await check("usb-Other_Cam-video-index0", "controls: {brightness: 30}")
    #expect(end.code == 0 && end.lines.first?.contains("the controls were not checked") == true, "\(end.lines)")
  }
}
