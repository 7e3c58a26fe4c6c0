import Foundation
import Testing

/// A running service as `jinglecam stats` shows it.
@Suite(
  "jinglecam stats",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct StatsTests {
  /// Where the socket is, for as long as the test runs: its path must be short.
  private let directory = "/tmp/jc-\(UUID().uuidString.prefix(8))"

  private struct Status: Decodable {
    struct Call: Decodable {
      let jid: String
      let frameWidth: Int?
      let bitrate: Int?
      let path: String?
    }
    struct Pairing: Decodable {
      let code: String
      let expiresIn: Int
    }
    struct Event: Decodable {
      let text: String
    }
    let version: Int
    let isConnected: Bool
    let calls: [Call]
    let events: [Event]
    let pairing: Pairing?
  }

  private var environment: [String: String] { ["XDG_RUNTIME_DIR": directory] }

  private func prepare() throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  }

  private func stats(_ options: [String] = []) throws -> Program {
    try Program(Call.jinglecam, ["stats"] + options, environment: environment)
  }

  private func status() async throws -> Status {
    let lines = try await stats(["--json"]).success().lines
    #expect(lines.count == 1)
    return try JSONDecoder().decode(Status.self, from: Data((lines.first ?? "").utf8))
  }

  @Test("shows who watches, what they are sent, and what happened")
  func watching() async throws {
    try prepare()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let camera = try await ServedCamera(environment: environment)
    let viewer = try await camera.caller()
    try await viewer.wait(for: "first-frame")
    var status = try await status()
    while status.calls.first?.bitrate ?? 0 == 0 { status = try await self.status() }
    #expect(status.version == 1 && status.isConnected && status.pairing == nil)
    #expect(status.calls.map { String($0.jid.prefix { $0 != "/" }) } == [camera.pair.viewer])
    #expect(status.calls.first?.path == "direct" && status.calls.first?.frameWidth ?? 0 > 0)
    #expect(status.events.map(\.text).suffix(2) == ["online", "call started"])
    let lines = try await stats().success().lines
    #expect(lines.first?.contains("\(camera.device)  online  1 of 4 watching") == true)
    #expect(lines.contains { $0.hasPrefix(camera.pair.viewer) && $0.contains("direct") })
    #expect(lines.allSatisfy { !$0.contains("\u{1b}") }, "it is no terminal")
    viewer.interrupt()
    _ = try await viewer.summary()
    try await camera.stop()
  }

  @Test("shows the code while nobody may watch")
  func pairing() async throws {
    try prepare()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let world = try World.current()
    let program = try ServedCamera.start(
      "pattern:320x240@25", try world.pair(), in: world, [],
      environment: environment.merging(["XDG_STATE_HOME": directory]) { $1 })
    let line = try await program.line(containing: "code=")
    let code = try #require(line.firstMatch(of: #/code="([^"]*)"/#).map { String($0.1) })
    try await program.line(containing: "online")
    let pairing = try await status().pairing
    #expect(pairing?.code == code && (500...600).contains(pairing?.expiresIn ?? 0))
    #expect(try await stats().success().lines.contains { $0.contains("Write \(code) to") })
    program.interrupt()
    try await program.success()
  }

  @Test("says where it looked if nothing runs")
  func nothing() async throws {
    let end = try await stats(["--instance", "none-\(UUID().uuidString)"]).end()
    #expect(end.code == 69)
    #expect(
      end.lines.count == 1
        && end.lines.first?.hasPrefix("jinglecam: no jinglecam serve is running (there is no /run/") == true)
  }

  @Test("of two programs of one user the first has the socket, and the second goes on without")
  func second() async throws {
    try prepare()
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let first = try await ServedCamera(environment: environment)
    let second = try await ServedCamera(environment: environment)
    #expect(try await stats().success().lines.first?.contains(first.device) == true)
    try await second.stop()
    #expect(try await stats().success().lines.first?.contains(first.device) == true)
    try await first.stop()
  }
}
