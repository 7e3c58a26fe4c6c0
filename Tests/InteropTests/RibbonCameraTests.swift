import Capture
import Foundation
import TestSupport
import Testing
import Video

/// The program with a made-up `rpicam-vid` in its `PATH`, against real servers and an independent viewer.
@Suite(
  "jinglecam with a ribbon camera",
  .serialized, .timeLimit(.minutes(5)), .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct RibbonCameraTests {
  @Test(
    "its pictures arrive, with padded rows",
    arguments: [
      ("rpicam", "camera"), ("libcamera", "camera"), ("rpicam", "/base/axi/pcie@120000/rp1/i2c@88000/imx708@1a"),
    ])
  func arrives(prefix: String, source: String) async throws {
    let clip = try Clip(StandInCamera.format, frames: 100)
    let pictures = URL(filePath: clip.path).deletingPathExtension().appendingPathExtension("yuv")
    try clip.writeFullRange(to: pictures.path)
    defer { try? FileManager.default.removeItem(at: pictures) }
    let standIn = try RibbonCameraStandIn([.init(alignment: 768)], prefix: prefix, clip: pictures.path)
    let call = try Call()
    let viewer = try await call.viewer(["--reference", clip.path, "--count-frames", "50"])
    let end = try await call.stream(source, changes: ["--fps": "25"], environment: Self.environment(standIn)).success()
    #expect(end.messages == [])
    let seen = try await viewer.end()
    #expect(seen.frameWidth == 640 && seen.frameHeight == 480)
    #expect(seen.isCompared, "\(seen)")
    #expect(try #require(seen.psnrMedian) >= 30)
    try await Self.awaitEnd(of: #require(standIn.runs.last))
  }

  @Test("the camera's program is not left behind by a killed one, even if it hangs")
  func killed() async throws {
    let standIn = try RibbonCameraStandIn([.init(pictures: 1, ending: .hang)])
    let call = try Call()
    let viewer = try await call.viewer()
    let stream = try call.stream("camera", environment: Self.environment(standIn))
    try await viewer.wait(for: "first-frame")
    let run = try #require(standIn.runs.last)
    try stream.signalChild(SIGKILL)
    _ = try await stream.end()
    try await Self.awaitEnd(of: run)
  }

  @Test("devices lists it, and says that camera means it")
  func devices() async throws {
    let standIn = try RibbonCameraStandIn()
    let list = try await Program(Call.jinglecam, ["devices"], environment: Self.environment(standIn)).success()
    #expect(list.lines.contains("/base/axi/pcie@120000/rp1/i2c@88000/imx708@1a  imx708 (rpicam-vid)"))
    #expect(list.lines.contains { $0.contains("1536x864  120.13 fps") })
    let json = try await Program(Call.jinglecam, ["devices", "--json"], environment: Self.environment(standIn))
      .success()
    #expect(json.lines.first?.contains(#""card":"ov5647""#) == true)
    #expect(json.lines.first?.contains(#""isFirstChoice":true"#) == true)
  }

  @Test("a camera that gives nothing is told before anybody is called")
  func refused() async throws {
    let standIn = try RibbonCameraStandIn([.init(pictures: 0, error: "failed to acquire camera")])
    let nowhere: [String: String?] = ["--server": "127.0.0.1:9"]
    let end = try await Call().stream("camera", changes: nowhere, environment: Self.environment(standIn)).end()
    #expect(end.code == 69 && end.messages.contains { $0.contains("rpicam-vid delivers no frames: failed to acquire") })
  }

  /// Nothing tells when a process ends that another has started, so that it is looked at again and again.
  private static func awaitEnd(of run: RibbonCameraStandIn.Run) async throws {
    while run.isAlive { try await Task.sleep(for: .milliseconds(20)) }
  }

  private static func environment(_ standIn: RibbonCameraStandIn) -> [String: String] {
    ["PATH": "\(standIn.directory):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"]
  }
}
