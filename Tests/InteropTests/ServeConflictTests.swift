import Foundation
import Testing

@Suite(
  "Two cameras of one account and resource",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct ServeConflictTests {
  @Test(
    "the first gives way to the second under another address, and none to doctor and check with the same settings",
    .timeLimit(.minutes(1)))
  func twice() async throws {
    let world = try World.current()
    let pair = try world.pair()
    let named = World.Pair(camera: "\(pair.camera)/hall", viewer: pair.viewer)
    let first = try ServedCamera.start("pattern:320x240@25", named, in: world, ["--allow", pair.viewer])
    #expect(try await first.line(containing: "online").hasSuffix("jid=\(named.camera)"))
    let second = try ServedCamera.start("pattern:320x240@25", named, in: world, ["--allow", pair.viewer])
    #expect(try await second.line(containing: "online").hasSuffix("jid=\(named.camera)"))
    try await first.line(containing: "another client logged in as \(named.camera)")
    #expect(try await first.line(containing: "online").contains("jid=\(pair.camera)/jinglecam."))

    let account = [
      "--jid", named.camera, "--password-file", world.passwordFile, "--server", world.server, "--ca-file", world.caFile,
    ]
    let doctor = try Program(Call.jinglecam, ["doctor", "pattern:320x240@25", "--allow", pair.viewer] + account)
    #expect(try await doctor.end().lines.contains { $0.contains("can log in (TLS)") })
    let check = try Program(Call.jinglecam, ["check"] + account)
    #expect(try await check.end().lines.contains { $0.contains(pair.camera) })
    for camera in [first, second] {
      camera.interrupt()
      let end = try await camera.success()
      #expect(!end.lines.contains { $0.contains("lost") }, "\(end.lines)")
    }
  }
}
