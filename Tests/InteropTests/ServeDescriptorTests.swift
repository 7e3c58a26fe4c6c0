import Foundation
import Testing

@Suite(
  "The descriptors of jinglecam serve",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"),
  .enabled(if: geteuid() == 0, "of a process that must not be dumped, root alone sees them (ptrace(2))"))
struct ServeDescriptorTests {
  @Test("no socket would be inherited by a program that is started in a call, be it of XMPP, TURN, media or metrics")
  func inheritance() async throws {
    let path = "/tmp/jinglecam-\(UUID().uuidString).sock"
    let camera = try await ServedCamera(options: ["--metrics", "unix:\(path)"])
    let viewer = try await camera.caller()
    try await viewer.wait(for: "first-frame")
    let sockets = try camera.program.descriptors().filter { $0.target.hasPrefix("socket:") }
    // The server's, at least one of a call's, one that listens.
    #expect(sockets.count >= 3)
    let inherited = sockets.filter { !$0.isClosedOnExec }
    #expect(inherited.isEmpty)
    try await camera.stop()
    _ = try await viewer.end()
  }
}
