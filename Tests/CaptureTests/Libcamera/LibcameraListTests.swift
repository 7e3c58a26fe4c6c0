import TestSupport
import Testing
import Video

@testable import Capture

@Suite("What the programs of ribbon cameras say") struct LibcameraListTests {
  @Test("cameras are listed with their sensor's modes, and the nodes behind them are not")
  func inventory() throws {
    let camera = try TestCamera(node: "video10")
    let raw = try camera.addNode("video0", [.init(.rg10)], driver: "unicam")
    let standIn = try RibbonCameraStandIn()
    let programs = LibcameraPrograms(in: ["PATH": standIn.directory])
    let list = CameraInventory.all(in: camera.directory, through: programs)
    #expect(
      list.map(\.path) == [
        "/base/axi/pcie@120000/rp1/i2c@88000/imx708@1a", "/base/axi/pcie@120000/rp1/i2c@80000/ov5647@36", camera.path,
      ])
    let first = try #require(list.first)
    #expect(first.card == "imx708" && first.driver == "rpicam-vid" && first.problem == nil)
    #expect(first.formats.first?.sizes.map(\.width) == [1536, 2304, 4608])
    #expect(first.formats.first?.sizes.map(\.rates) == [[120.13], [56.03], [14.35]])
    #expect(try CameraInventory.describe(list[1].path, in: camera.directory, through: programs).card == "ov5647")
    #expect(CameraInventory.all(in: camera.directory).count == 2)
    _ = raw
  }

  @Test("the names of controls are known without opening a camera")
  func controls() throws {
    let standIn = try RibbonCameraStandIn()
    let programs = LibcameraPrograms(in: ["PATH": standIn.directory])
    func check(_ control: String) throws {
      try CameraInventory.check(
        ControlSetting(parsing: control), of: "camera", in: DeviceDirectory(root: "/nonexistent"), through: programs)
    }
    try check("brightness=0.1")
    let error = #expect(throws: CaptureError.self) { try check("zoom=1") }
    #expect(error?.description.contains("a ribbon camera has no control 'zoom'") == true)
    withExtendedLifetime(standIn) {}
  }

  @Test("SOURCE camera is there if the list has one, and a name if the list has it")
  func presence() throws {
    let nowhere = DeviceDirectory(root: "/nonexistent")
    let (full, empty) = (try RibbonCameraStandIn(), try RibbonCameraStandIn(list: "No cameras available!"))
    func isPresent(_ source: String, _ standIn: RibbonCameraStandIn) -> Bool {
      var presence = SourcePresence(source, in: nowhere, through: LibcameraPrograms(in: ["PATH": standIn.directory]))
      presence.check()
      return presence.isPresent
    }
    #expect(isPresent("camera", full) && !isPresent("camera", empty))
    #expect(isPresent("/base/axi/pcie@120000/rp1/i2c@80000/ov5647@36", full) && !isPresent("/base/other", full))
  }

  @Test("lists of old versions and hostile ones are read")
  func lists() {
    let old = """
      0 : ov5647 [2592x1944] (/base/soc/i2c0mux/i2c@1/ov5647@36)
          Modes: 'SGBRG10_CSI2P' : 640x480 1296x972
      """
    let cameras = LibcameraCamera.list(in: old[...])
    #expect(cameras.map(\.model) == ["ov5647"])
    #expect(cameras.first?.modes.map(\.size.width) == [640, 1296])
    #expect(cameras.first?.modes.allSatisfy { $0.rate == nil } == true)
    let many = String(repeating: "0 : a [1x1] (/base/a)\n", count: 100)
    #expect(LibcameraCamera.list(in: many[...]).count == 16)
    let wild = "0 : a [1x1] (/base/a)\n 99999999999x1 -1x5 0x0 32768x32768 8x8 [nan 4x4 [1e99\n"
    #expect(LibcameraCamera.list(in: wild[...]).first?.modes.map(\.rate) == [nil, nil])
    #expect(LibcameraCamera.list(in: "No cameras available!").isEmpty)
  }

  @Test(
    "the mode that shows most is chosen, if it is as large and as fast as the pictures",
    arguments: [
      (640, 480, 30, "1640x1232"), (1640, 1232, 41, "1640x1232"), (1920, 1080, 30, "1920x1080"),
      (640, 480, 60, "1640x1232"), (640, 480, 100, "640x480"), (3280, 2464, 15, "3280x2464"), (3280, 2464, 30, nil),
    ] as [(Int, Int, Int32, String?)])
  func widest(width: Int, height: Int, rate: Int32, mode: String?) {
    let imx219 = """
      0 : imx219 [3280x2464 10-bit RGGB] (/base/soc/i2c0mux/i2c@1/imx219@10)
          Modes: 'SRGGB10_CSI2P' : 640x480 [206.65 fps - (1000, 752)/1280x960 crop]
                                   1640x1232 [41.85 fps - (0, 0)/3280x2464 crop]
                                   1920x1080 [62.49 fps - (680, 692)/1920x1080 crop]
                                   3280x2464 [21.19 fps - (0, 0)/3280x2464 crop]
                 'SRGGB8' : 640x480 [206.65 fps - (1000, 752)/1280x960 crop]
                            1640x1232 [83.70 fps - (0, 0)/3280x2464 crop]
      """
    let modes = LibcameraCamera.list(in: imx219[...]).first?.modes ?? []
    #expect(modes.map(\.bits) == [10, 10, 10, 10, 8, 8] && modes[0].crop == PictureSize(width: 1280, height: 960))
    let chosen = LibcameraCamera.list(in: imx219[...]).first?.widestMode(
      for: PictureSize(width: width, height: height), rate: FrameRate(rate))
    #expect(chosen.map { "\($0.size)" } == mode)
  }

  @Test(
    "the reason is the last error, else the last line, without its decoration",
    arguments: [
      ("ERROR: *** no cameras available ***\n", "no cameras available"),
      ("ERROR: *** failed to acquire camera ***\nCamera closed\n", "failed to acquire camera"),
      ("[0:14:25.1] [2044] ERROR V4L2 v4l2.cpp:1 Unable to open\nlast\n", "ERROR V4L2 v4l2.cpp:1 Unable to open"),
      ("terminate called\n  what():  broken\n", "broken"), ("one\ntwo\n", "two"), ("no end of line", "no end of line"),
      ("a\u{1b}[31mb\u{7}\n", "a[31mb"), ("", nil), ("\n\n", nil),
      (String(repeating: "x", count: 100_000) + "\n", String(repeating: "x", count: 200)),
    ] as [(String, String?)])
  func reasons(text: String, reason: String?) {
    var messages = LibcameraMessages()
    messages.take(text.utf8)
    #expect(messages.reason == reason)
  }

  @Test("an error is forgotten once there is a picture")
  func forgotten() {
    var messages = LibcameraMessages()
    messages.take("ERROR: Device timeout detected\nback\n".utf8)
    #expect(messages.error == "Device timeout detected")
    messages.sawPicture()
    #expect(messages.error == nil && messages.reason == "back")
  }

  @Test("the layout is what the program says, else rows of 64 bytes, and nothing that does not fit")
  func layouts() {
    func stride(_ width: Int, _ height: Int, _ length: Int?) -> Int? {
      LibcameraLayout(size: PictureSize(width: width, height: height), rate: FrameRate(30), length: length)?
        .header.lumaStride
    }
    #expect(stride(320, 240, nil) == 320 && stride(330, 240, nil) == 384)
    #expect(stride(320, 240, 320 * 360) == 320 && stride(320, 240, 384 * 360) == 384)
    #expect(stride(4_056, 3_040, 18_677_760) == 4_096)
    #expect(stride(648, 486, 648 * 729) == 648)
    #expect(stride(320, 240, 320 * 360 + 100) == 320 && stride(320, 240, 384 * 360 + 3_000) == 384)
    #expect(stride(320, 240, 320 * 360 - 1) == nil && stride(320, 240, 1 << 40) == nil && stride(320, 240, 0) == nil)
    #expect(stride(320, 240, -5) == nil && stride(320, 240, .max) == nil)
  }
}
