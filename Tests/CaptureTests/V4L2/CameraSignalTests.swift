import Glibc
import TestSupport
import Testing
import Video

@testable import Capture

@Suite("The signal of a bridge from HDMI") struct CameraSignalTests {
  private typealias Format = TestCamera.Format
  private typealias Size = TestCamera.Size

  private static func bridge() throws -> TestCamera {
    try TestCamera([Format(.uyvy, sizes: [Size(64, 48), Size(128, 96)])], pace: .clock)
  }

  @Test(
    "a bridge without a signal reports it and takes the size of the signal that arrives",
    arguments: [
      (ENOLINK, "no signal on HDMI"), (ENOLCK, "the signal on HDMI is not stable"),
      (ERANGE, "the signal on HDMI is larger or faster than the device supports"),
    ])
  func noSignal(_ code: Int32, _ text: String) throws {
    let bridge = try Self.bridge()
    bridge.standIn.setSignal(.fault(code))
    let source = try bridge.open()
    for _ in 0..<3 { #expect(try !source.see().isSignal) }
    #expect(source.trouble == .noInput(reason: text) && source.trouble?.description == text)
    #expect(source.remark == nil)
    bridge.standIn.setSignal(.size(128, 96))
    let size = try source.nextFrame { ($0.width, $0.height) }
    _ = try source.see { $0.isSignal }
    #expect(source.trouble == nil && source.format.width == 128 && source.format.height == 96, "\(size!)")
  }

  @Test("a lost signal is reported soon and returns with its pictures")
  func signalLost() throws {
    let bridge = try Self.bridge()
    bridge.standIn.setSignal(.size(64, 48))
    let source = try bridge.open(.init(patience: .seconds(60)))
    #expect(try source.see().isSignal)
    bridge.standIn.setSignal(.fault(ENOLINK))
    _ = try source.see { !$0.isSignal }
    #expect(source.trouble == .noInput(reason: "no signal on HDMI"))
    bridge.standIn.setSignal(.size(64, 48))
    _ = try source.see { $0.isSignal }
    #expect(source.trouble == nil)
  }

  @Test("a change of timings changes the size of the picture without a no-signal picture")
  func timings() throws {
    let bridge = try Self.bridge()
    bridge.standIn.setSignal(.size(64, 48))
    let source = try bridge.open(.init(patience: .seconds(60)))
    #expect(source.format.width == 64)
    #expect(try source.see().isSignal)
    bridge.standIn.setSignal(.size(128, 96))
    var size = try source.nextFrame { ($0.width, $0.height) }!
    while size == (64, 48) {
      #expect(source.hasSignal)
      size = try source.nextFrame { ($0.width, $0.height) }!
    }
    #expect(size == (128, 96) && source.hasSignal)
    #expect(source.format.width == 128 && source.format.height == 96)
  }

  @Test("a device that fails to stream with a link error has no signal", arguments: [ENOLINK, EPIPE])
  func streamFails(_ code: Int32) throws {
    let bridge = try Self.bridge()
    bridge.standIn.failStreamOn(code)
    let source = try bridge.open()
    #expect(try !source.see().isSignal)
    #expect(source.trouble == .noInput(reason: "no signal on HDMI"))
    bridge.standIn.failStreamOn(0)
    _ = try source.see { $0.isSignal }
  }

  @Test("the source camera prefers another camera to a bridge without a signal")
  func finder() throws {
    let bridge = try Self.bridge()
    bridge.standIn.setSignal(.fault(ENOLINK))
    #expect(CameraFinder.firstChoice(in: bridge.directory) == bridge.path)
    let listed = try #require(CameraInventory.all(in: bridge.directory).first)
    #expect(listed.problem == "no signal on HDMI")
    let camera = try bridge.addNode("video1", [Format(.yuyv, sizes: [Size(64, 48)])], pace: .clock)
    #expect(CameraFinder.firstChoice(in: bridge.directory) == camera.path)
  }

  // MARK: Cameras whose firmware hangs

  @Test("a camera that fails every request is opened again for as long as necessary")
  func protocolError() throws {
    let camera = try TestCamera(pace: .clock)
    let source = try camera.open()
    #expect(try source.see().isSignal)
    camera.standIn.failEverything(EPROTO)
    _ = try source.see { !$0.isSignal }
    let before = ProcessorTime.ofThread
    for _ in 0..<5 { #expect(try !source.see().isSignal) }
    #expect(ProcessorTime.ofThread - before < 0.3, "of a second it is idle for most")
    camera.standIn.failEverything(0)
    _ = try source.see { $0.isSignal }
  }

  @Test("a camera that fails from the start is not taken for another kind of device")
  func protocolErrorAtStart() throws {
    let camera = try TestCamera()
    camera.standIn.failEverything(EPROTO)
    #expect(throws: CaptureError.cameraFailed(path: camera.path, reason: "Protocol error")) { try camera.open() }
  }
}
