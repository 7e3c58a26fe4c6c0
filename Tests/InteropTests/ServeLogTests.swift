import Foundation
import Testing

@Suite(
  "The log of jinglecam serve",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct ServeLogTests {
  private struct Line: Decodable {
    let type: String
    let timestamp: Double
    let jid: String?
    let sid: String?
    let state: String?
    let outcome: String?
    let duration: Double?
    let text: String?
    let metadata: [String: String]?
    let statistics: Statistics?

    struct Statistics: Decodable {
      let transport: Transport
    }

    struct Transport: Decodable {
      let bytesSent: Int
    }
  }

  @Test("--json: each line is an object; a call's states and its summary name the caller and the session")
  func json() async throws {
    let world = try World.current()
    let pair = try world.pair()
    let program = try ServedCamera.start("pattern:320x240@25", pair, in: world, ["--allow", pair.viewer, "--json"])
    let online = try await program.line(containing: "online")
    let viewer = try await Viewer(pair.viewer, in: world, ["--call", pair.camera, "--count-frames", "30"])
    #expect(try await viewer.end().outcome == "hung-up")
    let summary = try await program.line(containing: #""type":"summary""#)
    program.interrupt()
    let rest = try await program.success().lines
    let lines = try ([online, summary] + rest).map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    #expect(lines[0].type == "log" && lines[0].text == "online")
    #expect(lines[0].metadata?["jid"]?.hasPrefix(pair.camera) == true)
    #expect(lines[1].outcome == "hung-up" && lines[1].jid?.hasPrefix(pair.viewer) == true && lines[1].sid != nil)
    #expect(try #require(lines[1].statistics).transport.bytesSent > 1000)
    #expect(lines[1].timestamp > 1_700_000_000_000 && lines[1].duration != nil)
    #expect(lines.last?.text == "stopped")
  }

  @Test(
    "has nowhere to go, on a full disk or a pipe that nobody reads any more: the camera goes on",
    arguments: ["2>/dev/full", "2> >(head -c 1 >/dev/null)"])
  func nowhere(redirection: String) async throws {
    let world = try World.current()
    let pair = try world.pair()
    let path = "/tmp/jinglecam-\(UUID().uuidString).sock"
    let program = try ServedCamera.start(
      "pattern:320x240@25", pair, in: world,
      ["--allow", pair.viewer, "--log-level", "debug", "--metrics", "unix:\(path)"], redirection: redirection)
    for _ in 0..<2 {
      let viewer = try await Viewer(pair.viewer, in: world, ["--call", pair.camera, "--count-frames", "5"])
      #expect(try await viewer.end().outcome == "hung-up")
    }
    let metrics = try await Metrics(path)
    #expect(metrics["jinglecam_log_lines_lost_total"] > 0)
    #expect(metrics[#"jinglecam_calls_total{outcome="hung-up"}"#] >= 1)
    program.interrupt()
    try await program.success()
  }

  @Test("of a call is in words: no line holds a value as Swift writes it")
  func words() async throws {
    let camera = try await ServedCamera(options: ["--log-level", "trace"])
    let viewer = try await camera.caller(nil, ["--count-frames", "5"])
    #expect(try await viewer.end().outcome == "hung-up")
    try await camera.program.line(containing: "pair=\"host ")
    camera.program.interrupt()
    // As in name(…): in a sentence a space comes before a parenthesis.
    for line in try await camera.program.success().lines {
      #expect(!line.contains(#/[A-Za-z]\(/#), "\(line)")
    }
  }

  @Test("of a domain that DNS does not know is one line, however often it is tried")
  func nowhereToConnect() async throws {
    let world = try World.current()
    let program = try Program(
      Call.jinglecam,
      [
        "serve", "pattern", "--jid", "cam@nowhere.invalid", "--password-file", world.passwordFile, "--allow",
        "ann@nowhere.invalid", "--log-level", "debug",
      ], environment: ["RES_OPTIONS": "timeout:1 attempts:1"])
    var said = 0
    for _ in 0..<3 {
      while let line = await program.line() {
        if line.contains("notice no connection") { said += 1 }
        if line.contains("no stream") { break }
      }
    }
    program.interrupt()
    let end = try await program.success()
    said += end.lines.count { $0.contains("notice no connection") }
    #expect(said == 1)
  }
}
