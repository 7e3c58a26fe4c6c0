import Foundation
import TestSupport
import Testing

/// What `jinglecam serve` can be asked for, by an independent XMPP library.
@Suite(
  "jinglecam serve, asked in a chat and by ad-hoc commands",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct ControlTests {
  @Test("an admin lists the commands, and sets bitrate and size in the midst of a call, which goes on")
  func settings() async throws {
    let camera = try await AskedCamera()
    // More than are sent until all is asked.
    let viewer = try await camera.call.viewer(["--count-frames", "400"])
    let answers = try await camera.ask(
      camera.admin,
      [
        "presence ready", "list", "chat 'call me'", "until '1 of 4 is watching' status", "presence '1 watching'",
        "run bitrate bitrate=300k",
        "run bitrate bitrate=much",
        "run size-and-rate size=160x120 rate=25", "until 160x120 status", "run viewers", "run camera-control",
        "run none",
      ])
    func answer(to step: String) -> String { answers.first { $0.contains(#""step": "\#(step)"#) } ?? "" }
    for node in ["status", "viewers", "bitrate", "size-and-rate", "camera-control", "restart", "call-me", "stop-all"] {
      #expect(answer(to: "list").contains(#""\#(node)""#))
    }
    #expect(answer(to: "run bitrate bitrate=300k").contains("The bitrate is now at most 300k"))
    #expect(answer(to: "run bitrate bitrate=much").contains(#""error", "bitrate 'much' is not a bitrate"#))
    #expect(answer(to: "until 160x120").contains("up to 300 kbit/s"))
    #expect(answer(to: "run viewers").contains(camera.admin))
    #expect(answer(to: "run camera-control").contains(#""error", "pattern"#))
    #expect(answer(to: "run none").contains("item-not-found"))
    #expect(answer(to: "presence ready").contains(#""answer": "ready""#))
    #expect(answer(to: "presence '1 watching'").contains(#""answer": "1 watching""#))
    let seen = try await viewer.end()
    #expect(seen.outcome == "hung-up")
    #expect(seen.frameWidth == 160 && seen.frameHeight == 120)
  }

  @Test("an admin sets a control that the camera told of, while it streams")
  func cameraControl() async throws {
    let frames = FileManager.default.temporaryDirectory.appending(path: "jinglecam-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: frames) }
    let devices = frames.appending(path: "dev")
    try FileManager.default.createDirectory(at: devices, withIntermediateDirectories: true)
    try Data(repeating: 128, count: 640 * 480 * 2).write(to: frames.appending(path: "YUYV-640x480"))
    let standIn = try CameraStandIn(
      directory: devices.path, formats: [.init(.yuyv, rates: [25])], controls: CameraStandInDescription.Control.usual,
      pace: .clock, frames: frames.path)
    let camera = try await AskedCamera(
      "camera", environment: standIn.environment(library: Call.products.appending(path: "libCameraStandIn.so").path))
    let viewer = try await camera.call.viewer()
    try await camera.ask(camera.admin, ["chat 'call me'"])
    try await viewer.wait(for: "first-frame")
    let answers = try await camera.ask(
      camera.admin,
      [
        "run camera-control control=brightness value=10", "run camera-control control=brightness value=bright",
        "chat stop",
      ])
    #expect(standIn.value(of: .brightness) == 10)
    #expect(
      answers.contains {
        $0.contains(#""control": "brightness", "value": "128""#) && $0.contains("brightness is now 10")
      })
    #expect(answers.contains { $0.contains(#""value": "10""#) && $0.contains("choose 0 to 255") })
    #expect(try await viewer.end().outcome == "terminated")
  }

  @Test("an admin has the way to viewers checked, as jinglecam check does")
  func check() async throws {
    let camera = try await AskedCamera()
    let lines = try await camera.ask(camera.admin, ["run check"])
    let answer = try #require(lines.last)
    #expect(answer.contains("completed") && answer.contains("turn:127.0.0.1") && answer.contains("verdict"))
  }

  @Test("whoever may watch writes call me and is called, and stop, which ends it")
  func chat() async throws {
    let camera = try await AskedCamera()
    let viewer = try await camera.call.viewer()
    let called = try await camera.ask(camera.admin, ["chat ' CALL  me '"])
    #expect(called.contains { $0.contains("Calling you") })
    try await viewer.wait(for: "first-frame")
    let stopped = try await camera.ask(camera.admin, ["chat stop"])
    #expect(stopped.contains { $0.contains("The call is over") })
    let seen = try await viewer.end()
    #expect(seen.outcome == "terminated" && seen.detail == "success")
  }

  @Test("an admin's status tells what each viewer is sent, and that of others tells of nobody else")
  func pictureStatus() async throws {
    let camera = try await AskedCamera()
    let viewer = try await camera.call.viewer()
    let told = try await camera.ask(camera.admin, ["chat 'call me'", "until ' fps' status"])
    let line = try #require(told.first { $0.contains(#""step": "until"#) })
    #expect(line.contains(#/@[^ ]+: 320x240, \d+ fps, \d+ kbit\/s/#) && line.contains(camera.admin))
    let others = try await camera.ask(camera.viewer, ["chat status"])
    let other = try #require(others.first { $0.contains(#""step": "chat status""#) })
    #expect(other.contains("1 of 4 is watching") && !other.contains(camera.admin) && !other.contains("fps"))
    try await camera.ask(camera.admin, ["chat stop"])
    _ = try await viewer.end()
  }

  @Test("a viewer has the chat, but no menu and nothing that an admin has")
  func viewer() async throws {
    let camera = try await AskedCamera()
    let answers = try await camera.ask(
      camera.viewer, ["list", "run status", "chat help", "chat 'stop all'", "chat restart"])
    #expect(answers[0].contains("forbidden") && answers[1].contains("forbidden"))
    #expect(answers[2].contains("call me: ") && !answers[2].contains("stop all"))
    #expect(answers[3].contains("Only an admin") && answers[4].contains("Only an admin"))
  }

  @Test("who writes what is no command hears what is, three times, and then nothing for a while")
  func unknown() async throws {
    let camera = try await AskedCamera()
    let answers = try await camera.ask(
      camera.viewer, ["chat one", "chat two", "chat three", "chat four", "chat 'Status?'"])
    #expect(answers.prefix(3).allSatisfy { $0.contains("You can write: help, status") })
    #expect(answers[3].contains(#""answer": null"#) && answers[4].contains("Nobody is watching"))
  }

  @Test("who writes one command after the other is answered the first ten, and then told to wait")
  func tooOften() async throws {
    let camera = try await AskedCamera()
    let answers = try await camera.ask(camera.viewer, Array(repeating: "chat help", count: 12))
    #expect(answers.prefix(10).allSatisfy { $0.contains("call me: ") })
    #expect(answers.contains { $0.contains("too often") })
  }

  @Test("a stranger gets nothing but what an account that is offline gives")
  func stranger() async throws {
    let camera = try await AskedCamera()
    let answers = try await camera.ask(try camera.call.world.pair().viewer, ["list", "run status", "chat help"])
    #expect(answers[0].contains("service-unavailable") && answers[1].contains("service-unavailable"))
    #expect(answers[2].contains(#""answer": null"#))
  }
}
