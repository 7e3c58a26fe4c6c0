import Foundation
import TestSupport
import Testing

/// The program with a made-up camera, which it takes for one of `/dev`, against real servers and an independent viewer.
@Suite(
  "jinglecam with a camera",
  .serialized, .enabled(if: World.isWanted, "set JINGLECAM_WORLD, as scripts/test does"))
struct CameraTests {
  @Test("a camera's pictures arrive", arguments: ["camera", "/dev/video0", StandInCamera.stableName])
  func arrives(_ source: String) async throws {
    let camera = try StandInCamera()
    let call = try Call()
    let viewer = try await call.viewer(["--reference", camera.clip.path, "--count-frames", "50"])
    let stream = try call.stream(source, changes: ["--fps": "25"], environment: camera.environment)
    let end = try await stream.success()
    #expect(end.messages == [])
    let seen = try await viewer.end()
    #expect(seen.frameWidth == 640 && seen.frameHeight == 480)
    #expect(seen.isCompared, "\(seen)")
    #expect(try #require(seen.psnrMedian) >= 30)
    #expect(camera.standIn.openDescriptors == 0)
  }

  enum Habit: Sendable, CaseIterable {
    case anotherClock, unlistedRates, bridge, behindSensor, h264, h265
  }

  @Test("the viewer sees the picture, whatever habits its camera has", arguments: Habit.allCases)
  func habits(_ habit: Habit) async throws {
    let camera = try StandInCamera(node: "video2", as: habit == .h264 ? .h264 : habit == .h265 ? .hevc : .yuyv)
    var sensor: CameraStandIn?
    switch habit {
    case .anotherClock: camera.standIn.clockOffset = -190
    case .unlistedRates: camera.standIn.unlistRates(.unanswered)
    case .h264, .h265: break
    case .bridge: camera.standIn.setSignal(.size(640, 480))
    case .behindSensor:
      sensor = try CameraStandIn(
        directory: camera.standIn.directory, formats: [.init(.init("GREY"))], pace: .clock,
        card: "Integrated Camera: Integrated I", bus: "usb-0000:00:14.0-5")
    }
    let call = try Call()
    let viewer = try await call.viewer(["--reference", camera.clip.path, "--count-frames", "50"])
    try await call.stream("camera", changes: ["--fps": "25"], environment: camera.environment).success()
    let seen = try await viewer.end()
    #expect(seen.isCompared, "\(seen)")
    #expect(try #require(seen.psnrMedian) >= 30)
    #expect(sensor?.framesDelivered ?? 0 == 0)
  }

  @Test("a call outlives its camera: no signal while it is unplugged, and the picture when it is back")
  func unplugged() async throws {
    let camera = try StandInCamera()
    let call = try Call()
    let viewer = try await call.viewer(["--reference", camera.clip.path])
    let stream = try call.stream("camera", changes: ["--fps": "25"], environment: camera.environment)
    try await viewer.wait(for: "first-frame")
    camera.standIn.unplug()
    // From the first to the second all pictures say that there is no signal.
    try await statistics(2, of: stream)
    try camera.standIn.replug(as: "video3")
    try camera.standIn.awaitStreaming()
    try await statistics(2, of: stream)
    stream.interrupt()
    try await stream.success()
    let seen = try await viewer.end()
    #expect(seen.outcome == "terminated" && seen.detail == "success")
    #expect(seen.framesNumbered < seen.framesDecoded, "it was told that there is no signal")
    #expect(seen.lastNumber != nil, "it saw the camera again")
    #expect(try #require(seen.psnrMedian) >= 30)
  }

  /// So many of those that come once a second, from now on: older ones may not have been read yet.
  private func statistics(_ count: Int, of stream: Program) async throws {
    let now = Date().timeIntervalSince1970 * 1000
    var left = count
    while left > 0 {
      let line = try await stream.line(containing: #""type":"stats""#)
      let time = try #require(line.firstMatch(of: #/"timestamp":(\d+)/#).flatMap { Double($0.1) })
      if time > now { left -= 1 }
    }
  }

  @Test("devices lists the camera, and its controls where it is named")
  func devices() async throws {
    let camera = try StandInCamera()
    let list = try await Program(Call.jinglecam, ["devices"], environment: camera.environment).success()
    #expect(list.lines.contains { $0.hasPrefix("/dev/video0  Acme Cam") })
    #expect(list.lines.contains { $0.contains("/dev/v4l/by-id/\(StandInCamera.stableName)") })
    #expect(list.lines.contains { $0.contains("640x480  25 fps") })
    let json = try await Program(
      Call.jinglecam, ["devices", StandInCamera.stableName, "--json"], environment: camera.environment
    )
    .success()
    #expect(json.lines.first?.contains(#""stablePath":"/dev/v4l/by-id/"#) == true)
  }

  @Test("a camera that cannot be streamed is told before anybody is called")
  func refused() async throws {
    let camera = try StandInCamera()
    camera.standIn.isBusy = true
    let call = try Call()
    let nowhere: [String: String?] = ["--server": "127.0.0.1:9"]
    let busy = try await call.stream("/dev/video0", changes: nowhere, environment: camera.environment).end()
    #expect(busy.code == 75 && busy.messages.contains { $0.contains("in use") })
    let missing = try await call.stream("/dev/video5", changes: nowhere, environment: camera.environment).end()
    #expect(missing.code == 66 && missing.messages.contains { $0.contains("jinglecam devices") })
  }

  @Test("a microphone is listed, and heard beside the picture", .timeLimit(.minutes(2)), arguments: [nil, "auto"])
  func microphone(_ name: String?) async throws {
    let microphone = try ServeSoundTests.makeMicrophone()
    let environment = ServeSoundTests.environment(of: microphone)
    let list = try Program(Call.jinglecam, ["devices"], environment: environment)
    try await list.line(containing: "microphone \(microphone.id)  Acme Microphone")
    try await list.line(containing: "can be heard")
    let call = try Call()
    let viewer = try await call.viewer(["--listen-for", "5"])
    let end = try await call.stream(
      "pattern:320x240@25", ["--microphone", name ?? microphone.id], environment: environment
    ).success()
    let seen = try await viewer.end()
    #expect(try #require(seen.soundSeconds) >= 4.5)
    #expect(abs(try #require(seen.soundFrequency) - 997) < 1)
    // A sine with half of the full scale, and in the second channel a quarter.
    #expect(abs(try #require(seen.soundLevel) + 11.5) < 1.5)
    #expect(seen.soundGaps == 0)
    let latency = try #require(
      end.lines.last?.firstMatch(of: #/"outbound-rtp-audio":\{[^}]*"latency":\{"p50":([0-9.]+)/#)
        .flatMap { Double($0.1) })
    // A packet is sent when its last sample is there, and the card keeps no sample for longer than four seconds.
    #expect((0.02...4.5).contains(latency))
  }

  @Test("a microphone is closed before the call, and while the viewer holds it", .timeLimit(.minutes(1)))
  func held() async throws {
    let microphone = try ServeSoundTests.makeMicrophone()
    let call = try Call()
    let viewer = try await call.viewer(["--listen", "--part", "25"])
    let stream = try call.stream(
      "pattern:320x240@25", ["--microphone", microphone.id], environment: ServeSoundTests.environment(of: microphone))
    try await viewer.wait(for: "proposed")
    #expect(microphone.openCount == 0 && microphone.attemptCount == 1)
    try await viewer.wait(for: "part")
    #expect(microphone.openCount == 1)
    try viewer.hold()
    while microphone.openCount > 0 { await Task.yield() }
    try viewer.hold(false)
    while microphone.openCount == 0 { await Task.yield() }
    try await viewer.wait(for: "part")
    stream.interrupt()
    try await stream.success()
    // The end of the program closes it, if its thread has not yet: the card is not told of that.
    #expect(microphone.attemptCount == 3)
    let seen = try await viewer.end()
    #expect(abs(try #require(seen.soundFrequency) - 997) < 20, "\(seen)")
  }

  @Test("a microphone that is not there is said before anybody is called")
  func noMicrophone() async throws {
    let end = try await Call().stream("pattern:320x240@25", ["--microphone", "Nobody"]).end()
    #expect(end.code == 66 && end.lines.contains { $0.contains("there is no sound card Nobody") }, "\(end)")
  }
}
