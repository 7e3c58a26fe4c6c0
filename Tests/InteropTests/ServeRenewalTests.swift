import Foundation
import Testing

@Suite(
  "jinglecam serve in a call that outlasts its TURN credentials",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct ServeRenewalTests {
  @Test("asks for new ones when half of their minute is over, and goes on; what a relay does with them ICETests show")
  func renewal() async throws {
    try await World.own(pairs: 1, turnLifetime: 60) { world in
      let camera = try await ServedCamera(
        in: world, options: ["--ice-policy", "relay", "--log-level", "info"])
      let viewer = try await camera.caller()
      try await viewer.wait(for: "first-frame")
      let renewed = try await camera.program.line(containing: "TURN credentials renewed")
      #expect(renewed.contains("jid=\(camera.pair.viewer)/"), "\(renewed)")
      #expect(try #require(renewed.firstMatch(of: #/servers=(\d+)/#).flatMap { Int($0.1) }) > 0)
      viewer.interrupt()
      #expect(try await viewer.summary().framesDistinct >= 500)
      try await camera.stop()
    }
  }
}
