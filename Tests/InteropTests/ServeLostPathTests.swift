import Foundation
import Testing

@Suite(
  "jinglecam serve when a viewer is gone for good",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct ServeLostPathTests {
  @Test("the call ends with consent, and the audit line says which path it had")
  func audit() async throws {
    // Without a relay there is nothing to fall back to.
    let camera = try await ServedCamera(hasTURN: false)
    let viewer = try await camera.caller(nil, ["--count-frames", "5", "--vanish"])
    try await viewer.wait(for: "first-frame")
    let audit = try await camera.callEnded("failed")
    #expect(audit.contains("path=direct"), "\(audit)")
    try await camera.stop()
  }
}
