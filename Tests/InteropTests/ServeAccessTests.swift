import Foundation
import Testing

/// Who gets in, and what the others can find out: nothing.
@Suite(
  "jinglecam serve, and those who may not call",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct ServeAccessTests {
  @Test("to a stranger the camera is a device that does not exist, whatever he asks, proposes or subscribes to")
  func stranger() async throws {
    let stranger = try World.current().pair().viewer
    let camera = try await ServedCamera()
    let knocking = try await Viewer(stranger, in: camera.world, ["--knock", camera.device])
    let result = try await knocking.end()
    #expect(result.outcome == "knocked" && result.detail == nil)
    try await camera.program.line(containing: "reason=stranger")
    try await camera.stop()
  }

  @Test("so it is to one whose name RFC 7622 forbids, and who is not taken for our own server for that")
  func nameless() async throws {
    let camera = try await ServedCamera()
    let knocking = try await Viewer("♥@\(camera.world.domain)", in: camera.world, ["--knock", camera.device])
    #expect(try await knocking.end().detail == nil)
    try await camera.stop()
  }

  @Test("the same questions tell somebody on the list that it is there: the test can tell")
  func knockingTells() async throws {
    let camera = try await ServedCamera()
    let knocking = try await Viewer(camera.pair.viewer, in: camera.world, ["--knock", camera.device])
    #expect(try await knocking.summary().detail != nil)
    try await camera.stop()
  }

  @Test("who calls more often than allowed finds it busy")
  func tooOften() async throws {
    let camera = try await ServedCamera(options: ["--viewers", "64"])
    let viewer = try await camera.caller(nil, ["--take-back", "6", "--expect-busy"])
    #expect(try await viewer.end().detail == "busy")
    try await camera.stop()
  }

  @Test("the last call that is allowed within the minute is answered")
  func oftenEnough() async throws {
    let camera = try await ServedCamera(options: ["--viewers", "64"])
    let viewer = try await camera.caller(nil, ["--take-back", "5", "--count-frames", "5"])
    #expect(try await viewer.end().outcome == "hung-up")
    try await camera.stop()
  }

  @Test("where --viewers watch it is busy for the next")
  func full() async throws {
    let other = try World.current().pair().viewer
    let camera = try await ServedCamera(allowing: [other], options: ["--viewers", "1"])
    let first = try await camera.caller()
    try await first.wait(for: "first-frame")
    let second = try await camera.caller(other, ["--expect-busy"])
    #expect(try await second.end().detail == "busy")
    try await camera.stop()
    #expect(try await first.end().outcome == "terminated")
  }

  @Test("one guest's devices get half of the places, and the others are for others")
  func share() async throws {
    let other = try World.current().pair().viewer
    let camera = try await ServedCamera(allowing: [other], options: ["--viewers", "2"])
    let first = try await camera.caller()
    try await first.wait(for: "first-frame")
    let second = try await camera.caller(nil, ["--expect-busy"])
    #expect(try await second.end().detail == "busy")
    try await camera.program.line(containing: "reason=too-many")
    let third = try await camera.caller(other, ["--count-frames", "5"])
    #expect(try await third.end().outcome == "hung-up")
    first.interrupt()
    try await camera.stop()
  }

  @Test("where all places are taken an admin gets a guest's, who hears that it is busy")
  func displacement() async throws {
    let camera = try await AskedCamera(settings: "viewers: 1")
    let (world, account) = (camera.call.world, camera.call.pair.camera)
    let guest = try await Viewer(camera.viewer, in: world, ["--subscribe", "--call", account])
    try await guest.wait(for: "first-frame")
    let admin = try await Viewer(camera.admin, in: world, ["--call", account, "--count-frames", "5"])
    #expect(try await admin.end().outcome == "hung-up")
    let seen = try await guest.end()
    #expect(seen.outcome == "terminated" && seen.detail == "busy")
  }

  @Test("who calls again after his client hung finds his old place free, though nobody said goodbye")
  func deadClient() async throws {
    let camera = try await ServedCamera(options: ["--viewers", "1", "--log-level", "info"])
    let dead = try await camera.caller()
    try await dead.wait(for: "first-frame")
    // His server takes him for present, as it does for minutes.
    try dead.freeze()
    try await camera.program.line(containing: "state=disconnected")
    let again = try await camera.caller(nil, ["--count-frames", "5"])
    #expect(try await again.end().outcome == "hung-up")
    try await camera.callEnded("failed")
    try dead.die()
    try await camera.stop()
  }

  @Test("a device that calls anew, as after a crash, has its old place at once, though that still has a path")
  func sameDevice() async throws {
    let camera = try await ServedCamera(options: ["--viewers", "1"])
    let device = camera.pair.viewer + "/phone"
    let old = try await camera.caller(device, ["--outlive-stream"])
    try await old.wait(for: "first-frame")
    let again = try await camera.caller(device, ["--count-frames", "5"])
    #expect(try await again.end().outcome == "hung-up")
    old.interrupt()
    try await camera.stop()
  }

  @Test("a person's second device sees it too, and the first one's call goes on")
  func secondDevice() async throws {
    let camera = try await ServedCamera()
    let first = try await camera.caller()
    try await first.wait(for: "first-frame")
    let second = try await camera.caller(nil, ["--count-frames", "5"])
    #expect(try await second.end().outcome == "hung-up")
    first.interrupt()
    #expect(try await first.summary().outcome == "interrupted")
    try await camera.stop()
  }

  @Test("a viewer whose client died, as its server says, is given up when his path is silent, before consent ends")
  func deserted() async throws {
    let camera = try await ServedCamera(options: ["--log-level", "info"])
    let dead = try await camera.caller(nil, ["--count-frames", "5", "--vanish"])
    try await dead.wait(for: "first-frame")
    try await camera.program.line(containing: "state=disconnected")
    while let line = await camera.program.line(), !line.contains("outcome=failed") {
      #expect(!line.contains("state=failed"), "consent has ended: \(line)")
    }
    try await camera.stop()
  }

  @Test("a viewer whose path is silent keeps his place, until his server too says that he is gone")
  func silent() async throws {
    let other = try World.current().pair().viewer
    let camera = try await ServedCamera(allowing: [other], options: ["--viewers", "1", "--log-level", "info"])
    let viewer = try await camera.caller()
    try await viewer.wait(for: "first-frame")
    try viewer.freeze()
    try await camera.program.line(containing: "state=disconnected")
    let next = try await camera.caller(other, ["--expect-busy"])
    #expect(try await next.end().detail == "busy")
    try viewer.die()
    while let line = await camera.program.line(), !line.contains("outcome=failed") {
      #expect(!line.contains("state=failed"), "consent has ended: \(line)")
    }
    try await camera.stop()
  }

  @Test("a viewer whose stream is lost, as its server says, is shown the picture for as long as his path lives")
  func withoutStream() async throws {
    let camera = try await ServedCamera()
    let device = camera.pair.viewer + "/phone"
    let viewer = try await camera.caller(device, ["--outlive-stream"])
    try await viewer.wait(for: "first-frame")
    // RFC 6120 section 7.7.2.2: the server ends the former stream of that address.
    _ = try await Viewer(device, in: camera.world)
    try await viewer.wait(for: "outlived-stream")
    viewer.interrupt()
    let end = try await camera.program.line(containing: "outcome=")
    #expect(end.contains("outcome=hung-up"), "\(end)")
    try await camera.stop()
  }

  @Test("a domain on the list lets everybody there in")
  func domain() async throws {
    let world = try World.current()
    let somebody = try world.pair().viewer
    let camera = try await ServedCamera(allowing: [world.domain])
    // No contact yet: he asks for presence, is approved, and sees the camera online.
    let viewer = try await camera.caller(somebody, ["--subscribe", "--count-frames", "5"])
    #expect(try await viewer.end().outcome == "hung-up")
    try await camera.stop()
  }

  @Test("a wrong password at the start ends with 77")
  func wrongPassword() async throws {
    let world = try World.current()
    let pair = try world.pair()
    let program = try ServedCamera.start(
      "pattern", pair, in: world, passwordFile: world.wrongPasswordFile, ["--allow", pair.viewer])
    let end = try await program.end()
    #expect(end.code == 77)
    #expect(end.lines.count == 2 && end.lines.last?.contains("password") == true, "\(end.lines)")
  }
}
