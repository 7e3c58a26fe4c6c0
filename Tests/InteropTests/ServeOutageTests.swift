import Foundation
import Testing

/// With servers of its own, since nobody else's calls would survive what is done to them.
@Suite(
  "jinglecam serve when its server dies",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct ServeOutageTests {
  @Test("a call outlives the XMPP server, and the camera answers new calls as soon as that is back")
  func restart() async throws {
    try await World.own(pairs: 2) { world in
      let other = world.pair(number: 2).viewer
      let camera = try await ServedCamera(allowing: [other], in: world)
      let first = try await camera.caller(nil, ["--outlive-stream"])
      try await first.wait(for: "first-frame")
      try await world.killServer()
      try await first.wait(for: "outlived-stream")
      try await world.reviveServer()
      let second = try await camera.caller(other, ["--count-frames", "25"])
      #expect(try await second.end().outcome == "hung-up")
      first.interrupt()
      let seen = try await first.end()
      #expect(seen.framesDistinct >= 50)
      try await camera.stop()
    }
  }
}
