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

  @Test("the source camera selects the first working camera, and no metadata, raw sensor or image processor")
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

  // MARK: The first that gives a picture

  private static func format(_ fourCC: StaticString) -> Format {
    Format(.init(fourCC), sizes: [Size(64, 48)])
  }

  private func first(_ camera: TestCamera) throws -> String? {
    CameraFinder.firstChoice(in: camera.directory, options: .init(patience: .milliseconds(200)))
  }

  @Test("a node without pictures, such as a loopback device without a producer, is skipped")
  func silent() throws {
    let camera = try TestCamera(node: "video2", pace: .clock)
    let loopback = try camera.addNode(
      "video0", [Self.format("YUYV")], card: "Dummy video device", driver: "v4l2 loopback")
    #expect(try first(camera) == camera.path)
    loopback.failStreamOn(EIO)
    #expect(try first(camera) == camera.path)
    #expect(loopback.openDescriptors == 0)
  }

  @Test("a node without decodable pictures is skipped")
  func undecodable() throws {
    let camera = try TestCamera(.mjpeg, 64, 48, frame: [1, 2, 3], pace: .clock)
    let other = try camera.addNode("video1", [Self.format("YUYV")], pace: .clock)
    #expect(try first(camera) == other.path)
  }

  @Test(
    "an infrared or depth node is skipped if another node has colours, whatever its number",
    arguments: [
      (["GREY"], "Integrated Camera: Integrated I"), (["MJPG", "YUYV"], "Integrated IR Camera: Integrate"),
      (["Z16 "], "Intel(R) RealSense(TM) Depth Ca"), (["GREY", "UYVY", "Y8I "], "Intel(R) RealSense(TM) Depth Ca"),
      (["Y16 "], "PureThermal (fw:v1.3.0)"),
    ] as [([StaticString], String)])
  func colour(_ formats: [StaticString], card: String) throws {
    let camera = try TestCamera(node: "video4", pace: .clock)
    let sensor = try camera.addNode("video0", formats.map(Self.format), pace: .clock, card: card)
    #expect(try first(camera) == camera.path)
    #expect(!sensor.isStreaming && sensor.framesDelivered == 0)
  }

  @Test("the colour node of a depth camera is selected")
  func depthCamera() throws {
    let card = "Intel(R) RealSense(TM) Depth Ca"
    let camera = try TestCamera([Self.format("Z16 ")], card: card)
    let nodes = [
      try camera.addNode("video2", ["GREY", "UYVY", "Y8I ", "Y12I"].map(Self.format), pace: .clock, card: card),
      try camera.addNode("video4", [Self.format("YUYV")], pace: .clock, card: card),
    ]
    #expect(try first(camera) == nodes[1].path)
  }

  @Test("an infrared or silent camera is selected if there is no other")
  func allThereIs() throws {
    let infrared = try TestCamera([Self.format("GREY")], pace: .clock)
    #expect(try first(infrared) == infrared.path)
    let silent = try TestCamera()
    #expect(try first(silent) == silent.path)
    let another = try silent.addNode("video1", [Self.format("GREY")])
    #expect(try first(silent) == silent.path, "with colours, though neither gives a picture")
    _ = another
  }

  @Test("the infrared sensor of a camera in use is not selected, but another camera is")
  func inUse() throws {
    let camera = try TestCamera()
    camera.standIn.isBusy = true
    let sensor = try camera.addNode("video2", [Self.format("GREY")], pace: .clock, bus: "usb-0000:00:14.0-1")
    #expect(throws: CaptureError.cameraBusy(path: camera.path, holder: nil)) { try path("camera", camera) }
    let other = try camera.addNode("video4", [Self.format("GREY")], pace: .clock)
    #expect(try first(camera) == other.path)
    _ = sensor
  }

  @Test("if no camera works, the error is that of the first one")
  func none() throws {
    let camera = try TestCamera([Format(.rg10)], driver: "unicam")
    #expect(throws: CaptureError.rawSensor(path: camera.path)) { try path("camera", camera) }
    camera.standIn.unplug()
    #expect(throws: CaptureError.noCamera) { try path("camera", camera) }
  }

  @Test("the list contains every camera with its capabilities and no other node")
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
    #expect(list.last?.problem?.contains("rpicam-apps") == true)
  }

  @Test("a camera that may not be opened is listed with a remedy")
  func forbidden() throws {
    let camera = try TestCamera()
    camera.standIn.failOpen(EACCES)
    let list = CameraInventory.all(in: camera.directory)
    #expect(list.map(\.path) == [camera.path])
    #expect(list.first?.problem?.contains("usermod") == true)
  }
}
