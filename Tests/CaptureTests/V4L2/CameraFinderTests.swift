import Glibc
import TestSupport
import Testing

@testable import Capture

@Suite("Finding a camera") struct CameraFinderTests {
  private typealias Format = TestCamera.Format
  private typealias Size = TestCamera.Size

  private func path(_ source: String, _ camera: TestCamera) throws(CaptureError) -> String {
    try CameraFinder.open(source, options: .init(), in: camera.directory).device
  }

  @Test("a camera is found by its path and by its name in v4l/by-id")
  func names() throws {
    let camera = try TestCamera()
    #expect(try path(camera.path, camera) == camera.standIn.stablePath)
    #expect(try path(TestCamera.stableName, camera) == camera.standIn.stablePath)
    #expect(camera.directory.path(of: "movie.mp4") == nil)
    #expect(camera.directory.path(of: "./\(TestCamera.stableName)") == nil)
  }

  @Test("a camera without a stable name keeps its path")
  func withoutStableName() throws {
    let camera = try TestCamera(byID: nil)
    #expect(try path(camera.path, camera) == camera.path)
  }

  @Test("camera is the first that works: not the metadata, not the raw sensor, not the image processor")
  func first() throws {
    let camera = try TestCamera(node: "video10")
    let others = [
      try camera.addNode("video0", [Format(.rg10)], driver: "unicam"),
      try camera.addNode("video1", [.metadata], kind: .metadata),
      try camera.addNode("video2", [Format(.yuyv)], driver: "bcm2835-isp"),
    ]
    #expect(try path("camera", camera) == camera.standIn.stablePath)
    _ = others
  }

  @Test("where none works, what is wrong with the first is said; where there is none, that")
  func none() throws {
    let camera = try TestCamera([Format(.rg10)], driver: "unicam")
    #expect(throws: CaptureError.rawSensor(path: camera.path)) { try path("camera", camera) }
    camera.standIn.unplug()
    #expect(throws: CaptureError.noCamera) { try path("camera", camera) }
  }

  @Test("the list has every camera with all that it can do, and no other node")
  func inventory() throws {
    let camera = try TestCamera([
      Format(.yuyv, sizes: [Size(640, 480)], rates: [30, 15]), Format(.rg10, sizes: [Size(32, 32)]),
      Format(.nv12, sizes: [Size(from: (16, 16), to: (1920, 1080), step: (2, 2))], rates: [30]),
    ])
    let others = [
      try camera.addNode("video1", [.metadata], kind: .metadata),
      try camera.addNode("video2", [Format(.yuyv)], kind: .output),
      try camera.addNode("video3", [Format(.rg10)]),
    ]
    let list = CameraInventory.all(in: camera.directory)
    #expect(list.map(\.path) == [camera.path, others[2].path])
    let first = try #require(list.first)
    #expect(first.stablePath == camera.standIn.stablePath)
    #expect(first.card == "Acme Cam" && first.driver == "uvcvideo" && first.problem == nil)
    #expect(first.formats.map(\.name) == ["YUYV", "RG10", "NV12"])
    #expect(first.formats.map(\.isUsable) == [true, false, true])
    #expect(first.formats[0].sizes.first?.rates == [30, 15])
    #expect(first.formats[2].sizes.first?.largestWidth == 1920)
    #expect(first.controls.map(\.name) == ["brightness", "white_balance_automatic", "power_line_frequency"])
    #expect(first.controls[0].choices == "0 to 255" && first.controls[0].value == 128)
    #expect(first.controls[2].choices == "0 (Disabled), 1 (50 Hz), 2 (60 Hz)")
    #expect(list.last?.problem?.contains("libcamerify") == true)
  }

  @Test("a camera that may not be opened is listed with what to do")
  func forbidden() throws {
    let camera = try TestCamera()
    camera.standIn.failOpen(EACCES)
    let list = CameraInventory.all(in: camera.directory)
    #expect(list.map(\.path) == [camera.path])
    #expect(list.first?.problem?.contains("usermod") == true)
  }
}
