import Foundation
import Testing

/// Calls that come to nothing: one line, a telling exit code, nothing left ringing.
@Suite(
  "jinglecam stream where there is no call",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct RefusalTests {
  @Test(
    "a call that is declined, or whose viewer is busy, ends with 75 and says so",
    arguments: [("--decline", #""outcome":"declined""#), ("--busy", #""outcome":"busy""#)])
  func declined(_ option: String, _ outcome: String) async throws {
    let call = try Call()
    let viewer = try await call.viewer([option])
    let stream = try call.stream("pattern")
    let end = try await stream.end()
    try #require(end.code == 75)
    #expect(end.lines.last?.contains(outcome) == true && end.lines.last?.contains(#""status":75"#) == true)
    #expect(try await viewer.end().outcome == "rejected")
  }

  @Test("Ctrl-C while it rings takes the call back")
  func interruptRinging() async throws {
    let call = try Call()
    let viewer = try await call.viewer(["--no-answer"])
    let stream = try call.stream("pattern")
    try await stream.line(containing: #""state":"ringing""#)
    stream.interrupt()
    try #require(try await stream.end().code == 130)
    #expect(try await viewer.end().outcome == "retracted")
  }

  @Test("a call that nobody answers is taken back after --ring-timeout")
  func ringTimeout() async throws {
    let call = try Call()
    let viewer = try await call.viewer(["--no-answer"])
    let stream = try call.stream("pattern", changes: ["--ring-timeout": "1"])
    let end = try await stream.end()
    try #require(end.code == 75)
    #expect(end.lines.last?.contains(#""outcome":"no-answer""#) == true)
    #expect(try await viewer.end().outcome == "retracted")
  }

  @Test("a wrong password ends with 77")
  func wrongPassword() async throws {
    let call = try Call()
    try await expect(
      call.stream("pattern", changes: ["--password-file": call.world.wrongPasswordFile]), endsWith: 77,
      saying: "password")
  }

  @Test("a server whose certificate no trusted authority signed ends with 76 and names --ca-file")
  func untrustedCertificate() async throws {
    let call = try Call()
    try await expect(call.stream("pattern", changes: ["--ca-file": nil]), endsWith: 76, saying: "--ca-file")
    try await expect(
      call.stream("pattern", changes: ["--ca-file": call.world.otherCAFile]), endsWith: 76, saying: "--ca-file")
  }

  @Test("a server that is not there ends with 69 and is named")
  func unreachableServer() async throws {
    let call = try Call()
    // Port 9, discard, which nothing serves on loopback.
    try await expect(
      call.stream("pattern", changes: ["--server": "127.0.0.1:9"]), endsWith: 69, saying: "127.0.0.1")
  }

  @Test("a port that accepts connections and says nothing ends with 69 after 10 s, and is named")
  func silentServer() async throws {
    let call = try Call()
    let port = try SilentPort()
    try await expect(
      call.stream("pattern", changes: ["--server": "127.0.0.1:\(port.number)"]), endsWith: 69,
      saying: "127.0.0.1:\(port.number) accepts connections, but does not answer as an XMPP server: check the port")
  }

  @Test("a file that is not there ends with 66 and is named, one that is no video with 65")
  func wrongFile() async throws {
    let call = try Call()
    // Before anything goes over the network: this server would be worth a 69.
    let nowhere: [String: String?] = ["--server": "127.0.0.1:9"]
    try await expect(call.stream("/nowhere/movie.mp4", changes: nowhere), endsWith: 66, saying: "/nowhere/movie.mp4")
    try await expect(
      call.stream(call.world.caFile, changes: nowhere), endsWith: 65, saying: call.world.caFile)
  }

  @Test("a file that needs FFmpeg, where there is none, ends with 69 and names the packages to install")
  func withoutFFmpeg() async throws {
    let call = try Call()
    let libraries = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: libraries, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: libraries) }
    // Whichever version is wanted, this one is found first and is no library.
    for version in 50..<100 {
      try Data().write(to: libraries.appending(path: "libavutil.so.\(version)"))
    }
    let stream = try call.stream(
      call.world.caFile, changes: ["--server": "127.0.0.1:9"], environment: ["LD_LIBRARY_PATH": libraries.path])
    try await expect(stream, endsWith: 69, saying: "install libavformat")
  }

  @Test(
    "a command line that makes no sense ends with 64 and names what is wrong",
    arguments: [
      ["--no-such-option"], ["--size", "0x0"], ["--size", "641x"], ["--fps", "0"], ["--bitrate", "much"],
      ["--ice-policy", "some"], ["--log-level", "loud"], ["--turn", "http://example.net"], ["--duration", "-1"],
    ])
  func usage(_ options: [String]) async throws {
    let call = try Call()
    let stream = try call.stream(
      "pattern", changes: ["--server": "127.0.0.1:9"], options,
      environment: ["JINGLECAM_TURN_USERNAME": "camera", "JINGLECAM_TURN_PASSWORD": "secret"])
    try await expect(stream, endsWith: 64, saying: options[0])
  }

  private func expect(
    _ program: Program, endsWith code: Int32, saying text: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let end = try await program.end()
    #expect(end.code == code, sourceLocation: sourceLocation)
    #expect(end.messages.count == 1, "one line, not \(end.messages)", sourceLocation: sourceLocation)
    #expect(end.messages.last?.contains(text) == true, "\(end.messages)", sourceLocation: sourceLocation)
  }
}
