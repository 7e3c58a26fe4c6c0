import Foundation
import Testing

/// What somebody sees who adds the camera as a contact.
@Suite(
  "jinglecam serve, added as a contact",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct ServeWelcomeTests {
  /// A camera that its viewer's whole domain may watch, and somebody there whom it does not know yet.
  private func camera() async throws -> (ServedCamera, person: String) {
    let world = try World.current()
    let camera = try await ServedCamera(allowing: [world.domain])
    return (camera, try world.pair().viewer)
  }

  @Test("calls whoever has added it, who sees the picture, and who is not called when he comes back")
  func called() async throws {
    let (camera, person) = try await camera()
    let viewer = try await Viewer(
      person, in: camera.world, ["--add", camera.pair.camera, "--count-frames", "15"])
    #expect(try await camera.program.line(containing: "contact request accepted").contains(person))
    #expect(try await camera.program.line(containing: "call started").contains("direction=outgoing"))
    #expect(try await viewer.end().framesDecoded >= 15)
    try await camera.callEnded("hung-up")
    // He asks again, although he is a contact, and calls by himself.
    let again = try await camera.caller(person, ["--subscribe", "--count-frames", "15"])
    #expect(try await camera.program.line(containing: "call started").contains("direction=incoming"))
    _ = try await again.end()
    try await camera.callEnded("hung-up")
    camera.program.interrupt()
    #expect(try await camera.program.success().lines.allSatisfy { !$0.contains("call started") })
  }

  @Test("leaves whoever declines in peace")
  func declined() async throws {
    let (camera, person) = try await camera()
    let viewer = try await Viewer(person, in: camera.world, ["--add", camera.pair.camera, "--decline"])
    #expect(try await viewer.end().detail == "decline")
    try await camera.callEnded("declined")
    let again = try await camera.caller(person, ["--count-frames", "15"])
    #expect(try await camera.program.line(containing: "call started").contains("direction=incoming"))
    _ = try await again.end()
    try await camera.stop()
  }

  @Test("calls once whoever has written its code, whether he has added it or not", arguments: [true, false])
  func paired(isAdded: Bool) async throws {
    let world = try World.current()
    let pair = try world.pair()
    let person = try world.pair().viewer
    let program = try ServedCamera.start(
      "pattern:320x240@25", pair, in: world, [],
      environment: ["XDG_STATE_HOME": FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path])
    let line = try await program.line(containing: "code=")
    let code = try #require(line.firstMatch(of: #/code="([^"]*)"/#).map { String($0.1) })
    try await program.line(containing: "online")
    let viewer = try await Viewer(
      person, in: world,
      (isAdded ? ["--add", pair.camera] : []) + ["--write", pair.camera, code, "--count-frames", "15"])
    #expect(try await program.line(containing: "paired").contains(person))
    #expect(try await program.line(containing: "call started").contains("direction=outgoing"))
    #expect(try await viewer.end().framesDecoded >= 15)
    let again = try await Viewer(person, in: world, ["--call", pair.camera, "--subscribe", "--count-frames", "15"])
    #expect(try await program.line(containing: "call started").contains("direction=incoming"))
    _ = try await again.end()
    program.interrupt()
    #expect(try await program.success().lines.allSatisfy { !$0.contains("call started") })
  }
}
