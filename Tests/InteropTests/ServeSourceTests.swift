import Account
import Foundation
import Logging
import NIOPosix
import Streamer
import Testing
import XMPP

@Suite(
  "The presence of jinglecam serve",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct ServeSourceTests {
  @Test("tells of a camera that was unplugged, and of one that is back, without a call", .timeLimit(.minutes(2)))
  func plugging() async throws {
    let world = try World.current()
    let pair = try world.pair()
    let device = try StandInCamera()
    let path = "/tmp/jinglecam-\(UUID().uuidString).sock"
    let viewer = try await client(of: pair.viewer, in: world)
    device.standIn.unplug()
    let camera = try ServedCamera.start(
      "camera", pair, in: world, ["--allow", pair.viewer, "--metrics", "unix:\(path)"], environment: device.environment)
    #expect(await nextStatus(of: pair.camera, at: viewer) == "no camera")
    #expect(try await Metrics(path)["jinglecam_camera_present"] == 0)
    try device.standIn.replug()
    #expect(await nextStatus(of: pair.camera, at: viewer) == "ready")
    #expect(try await Metrics(path)["jinglecam_camera_present"] == 1)
    device.standIn.unplug()
    #expect(await nextStatus(of: pair.camera, at: viewer) == "no camera")
    #expect(device.standIn.openDescriptors == 0)
    camera.interrupt()
    try await camera.success()
    await viewer.close()
  }

  @Test("says that the camera has another mode than the one that is asked for", .timeLimit(.minutes(2)))
  func closestMode() async throws {
    let device = try StandInCamera()
    let camera = try await ServedCamera("camera", options: ["--size", "320x240"], environment: device.environment)
    _ = try await camera.caller(nil, ["--count-frames", "5"]).end()
    try await camera.program.line(containing: "the closest is 640x480")
    try await camera.stop()
  }

  @Test("who calls while there is no camera hears so, and is not left to ring", .timeLimit(.minutes(2)))
  func callWithoutCamera() async throws {
    let device = try StandInCamera()
    device.standIn.unplug()
    let camera = try await ServedCamera("camera", environment: device.environment)
    let chat = try await client(of: camera.pair.viewer, in: camera.world)
    let seen = try await camera.caller().summary()
    #expect(seen.outcome == "rejected" && seen.detail == "media-error")
    let line = await nextText(from: camera.pair.camera, at: chat)
    #expect(line?.contains(#/the source has been missing since \d\d:\d\d/#) == true, "\(line ?? "")")
    try await camera.callEnded("failed")
    await chat.close()
    try await camera.stop()
  }

  @Test(
    "who called for sound alone goes on hearing when there is no camera, and is not told of it", .timeLimit(.minutes(2))
  )
  func soundWithoutCamera() async throws {
    let (device, microphone) = (try StandInCamera(), try ServeSoundTests.makeMicrophone())
    device.standIn.unplug()
    let environment = device.environment.merging(ServeSoundTests.environment(of: microphone)) { "\($0):\($1)" }
    let other = try World.current().pair().viewer
    let camera = try await ServedCamera(
      "camera", allowing: [other], options: ["--microphone", microphone.id], environment: environment)
    let listener = try await camera.caller(nil, ["--sound-alone", "60"])
    try await listener.wait(for: "accepted")
    while microphone.openCount == 0 { await Task.yield() }
    let chats = [
      try await client(of: other, in: camera.world), try await client(of: camera.pair.viewer, in: camera.world),
    ]
    #expect(try await camera.caller(other).summary().detail == "media-error")
    #expect(await nextText(from: camera.pair.camera, at: chats[0])?.contains("the source has been missing") == true)
    chats[1].send(ChatMessage.make(to: try JID(camera.pair.camera), "status"))
    // The first that is written to the listener is the answer to that.
    let answer = await nextText(from: camera.pair.camera, at: chats[1])
    #expect(answer?.contains("the source has been missing") == false, "\(answer ?? "")")
    #expect(microphone.openCount == 1)
    listener.interrupt()
    for chat in chats { await chat.close() }
    try await camera.stop()
  }

  @Test("who calls while the camera is in use hears by whom", .timeLimit(.minutes(2)))
  func callWhileInUse() async throws {
    let device = try StandInCamera()
    device.standIn.isBusy = true
    let camera = try await ServedCamera("camera", environment: device.environment)
    let chat = try await client(of: camera.pair.viewer, in: camera.world)
    let seen = try await camera.caller().summary()
    #expect(seen.outcome == "rejected" && seen.detail == "media-error")
    #expect(await nextText(from: camera.pair.camera, at: chat)?.contains("is in use by") == true)
    try await camera.callEnded("failed")
    await chat.close()
    try await camera.stop()
  }

  private func client(of account: String, in world: World) async throws -> XMPPClient {
    let port = try #require(Int(world.server.split(separator: ":").last ?? ""))
    return try await XMPPClient.connect(
      .init(
        jid: JID(account), password: String(contentsOfFile: world.passwordFile, encoding: .utf8),
        server: ("127.0.0.1", port), caFile: world.caFile),
      on: MultiThreadedEventLoopGroup.singleton.next(),
      logger: Logger(label: "viewer") { _ in SwiftLogNoOpLogHandler() })
  }

  private func nextText(from account: String, at viewer: XMPPClient) async -> String? {
    for await stanza in viewer.stanzas where stanza.name == "message" && stanza.from?.bare.description == account {
      if let body = stanza.elements.first(where: { $0.name == "body" }) { return body.text }
    }
    return nil
  }

  private func nextStatus(of account: String, at viewer: XMPPClient) async -> String? {
    for await stanza in viewer.stanzas where stanza.name == "presence" && stanza["type"] == nil {
      guard let from = stanza.from, from.bare.description == account else { continue }
      return stanza.elements.first { $0.name == "status" }?.text
    }
    return nil
  }
}
