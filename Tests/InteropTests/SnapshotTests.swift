import Foundation
import Testing

/// A still picture by XEP-0363, as an independent XMPP library asks for it, fetches it and sees it.
@Suite(
  "jinglecam serve, asked for a picture",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct SnapshotTests {
  private struct Answer: Decodable {
    struct Picture: Decodable {
      let url: String
      let type: String
      let width: Int
      let height: Int
      let psnr: Double
    }
    let step: String
    let answer: Picture?
  }

  private static func picture(in lines: [String]) throws -> Answer.Picture {
    let line = try #require(lines.last { $0.contains(#""step": "picture"#) }, "\(lines)")
    return try #require(try JSONDecoder().decode(Answer.self, from: Data(line.utf8)).answer, "\(lines)")
  }

  private static func expectPattern(_ picture: Answer.Picture) {
    #expect(picture.url.hasPrefix("https://localhost:") && picture.url.hasSuffix(".jpg"))
    #expect(picture.type == "image/jpeg")
    #expect(picture.width == 640 && picture.height == 480)
    #expect(picture.psnr >= 30)
  }

  @Test("who may watch writes snapshot and sees the picture; the camera was opened for it, and is free again")
  func unwatched() async throws {
    let device = try StandInCamera()
    let camera = try await AskedCamera("camera", environment: device.environment)
    for _ in 0..<2 {
      let lines = try await camera.ask(camera.viewer, ["chat Snapshot", "picture \(device.clip.path)"])
      Self.expectPattern(try Self.picture(in: lines))
      try device.standIn.awaitStreaming(false)
      #expect(device.standIn.openDescriptors == 0 && device.standIn.mappedBuffers == 0)
    }
  }

  @Test("an admin's command takes it from a camera that is watched, whose viewer sees every picture as before")
  func watched() async throws {
    let device = try StandInCamera()
    let camera = try await AskedCamera("camera", environment: device.environment)
    // More than are sent until all is asked.
    let viewer = try await camera.call.viewer(["--reference", device.clip.path, "--count-frames", "150"])
    try await camera.ask(camera.admin, ["chat 'call me'"])
    try await viewer.wait(for: "first-frame")
    let lines = try await camera.ask(camera.admin, ["run snapshot", "picture \(device.clip.path)"])
    let picture = try Self.picture(in: lines)
    Self.expectPattern(picture)
    #expect(lines.contains { $0.contains(#""completed", "notes": [["info", "\#(picture.url)"]]"#) }, "\(lines)")
    let seen = try await viewer.end()
    #expect(seen.outcome == "hung-up")
    #expect(seen.isCompared, "\(seen)")
    #expect(try #require(seen.psnrMedian) >= 30)
    try device.standIn.awaitStreaming(false)
  }

  @Test("a picture and a call that are asked for at once come both, from a camera that is opened once")
  func atOnce() async throws {
    let device = try StandInCamera()
    let camera = try await AskedCamera("camera", environment: device.environment)
    let viewer = try await camera.call.viewer(["--reference", device.clip.path, "--count-frames", "50"])
    let answers = try await camera.ask(
      camera.admin, ["chat 'call me'", "chat snapshot", "picture \(device.clip.path)"])
    Self.expectPattern(try Self.picture(in: answers))
    let seen = try await viewer.end()
    #expect(seen.isCompared, "\(seen)")
    #expect(try #require(seen.psnrMedian) >= 30)
    try device.standIn.awaitStreaming(false)
  }

  @Test("a server that takes no files is told of in one answer, and no camera is opened")
  func noService() async throws {
    let device = try StandInCamera()
    let camera = try await AskedCamera("camera", isPlain: true, environment: device.environment)
    let lines = try await camera.ask(camera.admin, ["chat snapshot", "run snapshot"])
    #expect(lines.count { $0.contains("http_file_share in Prosody") } == 2)
    #expect(lines.last?.contains(#"[["error", "#) == true)
    #expect(device.standIn.openDescriptors == 0)
  }

  @Test("who asks too often by commands is told so, as in a chat")
  func tooOften() async throws {
    let camera = try await AskedCamera(isPlain: true)
    let lines = try await camera.ask(camera.admin, Array(repeating: "run snapshot", count: 20))
    #expect(lines.count { $0.contains("http_file_share in Prosody") } >= 10)
    #expect(lines.contains { $0.contains(#"["error", "You ask too often"#) })
  }

  @Test("where the camera is gone an admin is told why, and who watches that it is")
  func gone() async throws {
    let camera = try await AskedCamera("/dev/video63")
    let told = try await camera.ask(camera.admin, ["chat snapshot"]).joined()
    #expect(told.contains("/dev/video63"))
    let hidden = try await camera.ask(camera.viewer, ["chat snapshot"]).joined()
    #expect(hidden.contains("The camera delivers no frames") && !hidden.contains("/dev"))
  }

  @Test("a stranger's message opens no camera and has no answer")
  func stranger() async throws {
    let device = try StandInCamera()
    let camera = try await AskedCamera("camera", environment: device.environment)
    let stranger = try camera.call.world.pair().viewer
    let lines = try await camera.ask(stranger, ["chat snapshot", "run snapshot"])
    #expect(lines.first?.contains(#""answer": null"#) == true && lines.last?.contains("service-unavailable") == true)
    #expect(device.standIn.openDescriptors == 0)
  }
}
