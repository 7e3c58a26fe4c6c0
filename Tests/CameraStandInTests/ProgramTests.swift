import CV4L2
import Foundation
import Glibc
import TestSupport
import Testing

/// The stand-in under programs of others, by `LD_PRELOAD`.
@Suite(.enabled(if: Tool.isPossible)) struct ProgramTests {
  private let folder: DeviceFolder

  init() throws {
    folder = try DeviceFolder()
  }

  private func camera(kind: CameraStandInDescription.Kind = .capture) throws -> CameraStandIn {
    let sizes = [CameraStandInDescription.Size(640, 480), .init(320, 240)]
    return try CameraStandIn(
      directory: folder.path, byID: "usb-Acme_Cam-video-index0", kind: kind,
      formats: [
        .init(.yuyv, sizes: sizes, rates: [60, 30]), .init(.mjpeg, sizes: sizes, rates: [60, 30]),
        .init(.nv12, sizes: [.init(from: (64, 48), to: (1280, 720), step: (16, 8))], rates: [60]),
      ],
      controls: CameraStandInDescription.Control.usual, pace: .clock)
  }

  @Test(
    "v4l2-compliance finds nothing wrong",
    arguments: [CameraStandInDescription.Kind.capture, .multiplanarCapture])
  func compliance(kind: CameraStandInDescription.Kind) throws {
    let camera = try camera(kind: kind)
    let run = try Tool("v4l2-compliance", ["-d", "/dev/video0", "-s10"], for: camera)
    let (text, code) = run.finish()
    #expect(code == 0, "\(text)")
    #expect(text.contains("Failed: 0"), "\(text)")
    #expect(camera.openDescriptors == 0)
  }

  @Test("v4l2-ctl finds the camera where a program would look, by its stable name too")
  func lookedUp() throws {
    let camera = try camera()
    let list = try Tool("v4l2-ctl", ["--list-devices"], for: camera).finish()
    #expect(list.text.contains("Acme Cam (usb-0000:00:14.0-1):\n\t/dev/video0"), "\(list.text)")
    let path = "/dev/v4l/by-id/usb-Acme_Cam-video-index0"
    let run = try Tool("v4l2-ctl", ["-d", path, "--stream-mmap", "--stream-count=5"], for: camera).finish()
    #expect(run.code == 0, "\(run.text)")
    #expect(camera.framesDelivered >= 5)
  }

  @Test("a device belongs to the program that streams from it, until that dies")
  func owner() throws {
    let camera = try camera()
    let run = try Tool("v4l2-ctl", ["-d", "/dev/video0", "--stream-mmap", "--stream-count=600"], for: camera)
    try camera.awaitStreaming()
    #expect(camera.owner == run.process)
    #expect(camera.mappedBuffers > 0)
    let probe = try Probe(camera.path)
    #expect(throws: Probe.Failure.self) { try probe.start() }
    #expect(errno == EBUSY)
    kill(run.process, SIGKILL)
    _ = run.finish()
    #expect(camera.owner == nil)
    #expect((camera.openDescriptors, camera.mappedBuffers) == (1, 0))
    try probe.start()
  }

  @Test("what is done to the camera reaches a program in mid-stream")
  func faultInAnotherProgram() throws {
    let camera = try camera()
    let run = try Tool("v4l2-ctl", ["-d", "/dev/video0", "--stream-mmap", "--stream-count=600"], for: camera)
    try camera.awaitStreaming()
    camera.unplug()
    let (text, _) = run.finish()
    #expect(text.contains("No such device"), "\(text)")
  }
}
