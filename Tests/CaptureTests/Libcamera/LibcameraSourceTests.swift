import Dispatch
import Glibc
import NIOCore
import TestSupport
import Testing
import Video

@testable import Capture

@Suite("Ribbon cameras") struct LibcameraSourceTests {
  private typealias Life = RibbonCameraStandIn.Life

  /// A program that is restarted is not waited for. One that is slow, since the machine is busy, does not hang.
  private static let timing = LibcameraReader.Timing(
    start: .hours(1), pause: .milliseconds(10), patience: .hours(1))
  private static let noNodes = DeviceDirectory(root: "/nonexistent")

  private static func programs(_ standIn: RibbonCameraStandIn) -> LibcameraPrograms {
    LibcameraPrograms(in: ["PATH": standIn.directory])
  }

  private static func open(
    _ standIn: RibbonCameraStandIn, _ options: CameraSource.Options = .init(), source: String = "camera",
    in directory: DeviceDirectory = noNodes, timing: LibcameraReader.Timing = timing
  ) throws -> any VideoSource {
    try CameraFinder.open(
      source, options: options, in: directory, through: programs(standIn), timing: timing)
  }

  /// The brightness of each row of the next picture, nil for a row that is not even.
  private static func rows(of source: any VideoSource) throws -> [UInt8?] {
    try #require(
      try source.nextFrame { frame in
        (0..<frame.height).map { row in
          let samples = UnsafeBufferPointer(start: frame.luma.base + row * frame.luma.stride, count: frame.width)
          return samples.allSatisfy { $0 == samples[0] } ? samples[0] : nil
        }
      })
  }

  /// Whether the next picture has the rows that the stand-in paints, in the limited range that is sent.
  private static func isStraight(_ source: any VideoSource) throws -> Bool {
    try rows(of: source).enumerated().allSatisfy { row, value in
      value.map { abs(Int($0) - limited(row % 200)) <= 1 } ?? false
    }
  }

  private static func limited(_ value: Int) -> Int { 16 + (value * 219 + 127) / 255 }

  // MARK: Pictures

  @Test(
    "pictures arrive straight, however their rows are padded",
    arguments: [
      (PictureSize(width: 320, height: 240), 64, true), (PictureSize(width: 320, height: 240), 128, true),
      (PictureSize(width: 100, height: 50), 64, true), (PictureSize(width: 100, height: 50), 128, true),
      (PictureSize(width: 1296, height: 972), 128, true), (PictureSize(width: 648, height: 486), 0, true),
      (PictureSize(width: 100, height: 50), 64, false),
    ])
  func straight(size: PictureSize, alignment: Int, tells: Bool) throws {
    let standIn = try RibbonCameraStandIn([Life(alignment: alignment, tells: tells)])
    let source = try Self.open(standIn, .init(size: size))
    #expect(source.format == VideoFormat(width: size.width, height: size.height, frameRate: FrameRate(30)))
    #expect(source.timeline == .live && source.remark == nil)
    for _ in 0..<3 { #expect(try Self.isStraight(source)) }
    let chroma = try source.nextFrame { frame -> [UInt8] in
      #expect(source.hasSignal, "whoever is lent a frame may ask")
      guard case .i420(let u, let v) = frame.chroma else { return [] }
      let last = size.height / 2 - 1
      return [u.base[last * u.stride], v.base[last * v.stride]]
    }
    #expect(chroma == [103, 147])
  }

  @Test("the size that the program says is taken, and told")
  func otherSize() throws {
    let standIn = try RibbonCameraStandIn([Life(size: [80, 60])])
    let source = try Self.open(standIn, .init(size: PictureSize(width: 8_000, height: 6_000)))
    #expect(source.format.width == 80 && source.format.height == 60)
    #expect(source.remark?.contains("the closest is 80x60") == true)
    #expect(try Self.isStraight(source))
  }

  @Test("a quarter turn, which the sensor cannot do, is done here")
  func turned() throws {
    let standIn = try RibbonCameraStandIn()
    let options = CameraSource.Options(
      size: PictureSize(width: 48, height: 64), orientation: Orientation(turn: .quarter))
    let source = try Self.open(standIn, options)
    #expect(source.format.width == 48 && source.format.height == 64)
    let run = try #require(standIn.runs.first)
    #expect(run.arguments.contains("64") && !run.arguments.contains("--rotation"))
    // What was the lowest row is the first column.
    let row = try #require(try source.nextFrame { frame in (0..<frame.width).map { Int(frame.luma.base[$0]) } })
    #expect(row.enumerated().allSatisfy { abs($1 - Self.limited(47 - $0)) <= 1 })
  }

  // MARK: The command line

  @Test("size, rate, rotation and controls are the program's options")
  func arguments() throws {
    let standIn = try RibbonCameraStandIn()
    var options = CameraSource.Options(
      size: PictureSize(width: 64, height: 48), frameRate: FrameRate(25),
      orientation: Orientation(isMirrored: true, turn: .half))
    options.controls = try ["brightness=-0.2", "shutter=20000us", "awb=daylight", "tuning_file=/etc/imx708.json"].map {
      try ControlSetting(parsing: $0)
    }
    _ = try Self.open(standIn, options)
    let run = try #require(standIn.runs.first)
    #expect(
      run.arguments == [
        "--nopreview", "--timeout", "0", "--verbose", "--codec", "yuv420", "--width", "64", "--height", "48",
        "--framerate", "25", "--mode", "2304:1296:10", "--hflip", "--rotation", "180", "--brightness=-0.2",
        "--shutter=20000us",
        "--awb=daylight", "--tuning-file=/etc/imx708.json", "--flush", "--output", "-",
      ])
  }

  @Test("a mode that is asked for is the only one", arguments: ["mode=1536:864:10:P", "roi=0.25,0.25,0.5,0.5"])
  func chosenMode(control: String) throws {
    let standIn = try RibbonCameraStandIn()
    var options = CameraSource.Options()
    options.controls = [try ControlSetting(parsing: control)]
    _ = try Self.open(standIn, options)
    let arguments = try #require(standIn.runs.first).arguments
    #expect(arguments.contains("--\(control)") && !arguments.contains("--mode"))
  }

  @Test("of several cameras one is chosen by its name")
  func named() throws {
    let standIn = try RibbonCameraStandIn()
    let name = "/base/axi/pcie@120000/rp1/i2c@80000/ov5647@36"
    let source = try Self.open(standIn, source: name)
    #expect(source.cameraPath == name && source.cameraMode?.path == name)
    let arguments = try #require(standIn.runs.first).arguments
    #expect(arguments.firstIndex(of: "--camera").map { arguments[$0 + 1] } == "1")
    #expect(throws: CaptureError.noSuchCamera(path: "/base/other")) { try Self.open(standIn, source: "/base/other") }
  }

  @Test("the program learns nothing of the environment that it does not need")
  func environment() throws {
    let programs = LibcameraPrograms(in: [
      "PATH": "/none", "HOME": "/root", "JINGLECAM_PASSWORD": "secret", "LIBCAMERA_LOG_LEVELS": "*:INFO",
    ])
    #expect(Set(programs.environment.keys) == ["PATH", "HOME", "LIBCAMERA_LOG_LEVELS", "LC_ALL"])
    #expect(programs.video == nil && programs.hello == nil)
    let standIn = try RibbonCameraStandIn()
    _ = try Self.open(standIn)
    #expect(standIn.runs.first?.variables.contains("HOME") == false)
  }

  @Test("a control that there is not, or a value that the program refuses, is a mistake of the command line")
  func wrongControls() throws {
    let standIn = try RibbonCameraStandIn()
    func failure(_ control: String) throws -> String {
      let options = CameraSource.Options(controls: [try ControlSetting(parsing: control)])
      guard
        case .invalidControl(let reason) = #expect(
          throws: CaptureError.self, performing: { try Self.open(standIn, options) })
      else { return "" }
      return reason
    }
    #expect(try failure("colour=red").contains("no control 'colour'; it has autofocus-mode,"))
    #expect(try failure("awb=mars") == "rpicam-vid says: Invalid AWB mode: mars")
    #expect(try failure("ev=much").contains("('much') for option '--ev' is invalid"))
  }

  @Test("before Debian 12 the program has another name")
  func olderName() throws {
    let standIn = try RibbonCameraStandIn(prefix: "libcamera")
    let source = try Self.open(standIn)
    #expect(source.cameraMode?.card == "libcamera-vid")
    #expect(try Self.isStraight(source))
  }

  // MARK: Life

  @Test("a program that dies is started again, and viewers see nothing of it")
  func dies() throws {
    let standIn = try RibbonCameraStandIn([Life(pictures: 3), Life(pictures: 2), Life()])
    var timing = Self.timing
    timing.interruption = .seconds(30)
    let source = try Self.open(standIn, timing: timing)
    while standIn.runs.count < 3 { #expect(try Self.isStraight(source)) }
    #expect(source.trouble == nil && source.counters.framesWithoutSignal == 0)
    #expect(standIn.runs.dropLast().allSatisfy { !$0.isAlive })
  }

  @Test("a program that hangs is ended and started again")
  func hangs() throws {
    let standIn = try RibbonCameraStandIn([Life(pictures: 2, ending: .hang), Life()])
    var timing = Self.timing
    timing.patience = .milliseconds(300)
    let source = try Self.open(standIn, timing: timing)
    while standIn.runs.count < 2 { _ = try Self.rows(of: source) }
    #expect(standIn.runs.first?.isAlive == false)
  }

  @Test("while the program fails, the picture says so, and the reason is told")
  func noSignal() throws {
    let failing = Life(pictures: 0, error: "no cameras available")
    // As on a Raspberry Pi 5, whose layout cannot be guessed without a picture.
    let standIn = try RibbonCameraStandIn(
      [Life(pictures: 1, alignment: 128)] + [Life](repeating: failing, count: 8) + [Life(alignment: 128)])
    let source = try Self.open(standIn, .init(size: PictureSize(width: 320, height: 48)))
    while source.trouble == nil { _ = try Self.rows(of: source) }
    #expect(source.trouble == .programFailed(program: "rpicam-vid", reason: "no cameras available"))
    #expect(source.counters.framesWithoutSignal > 0)
    while source.trouble != nil { _ = try Self.rows(of: source) }
    #expect(try Self.isStraight(source))
  }

  @Test("the program ends with its source, even while it hangs")
  func closes() throws {
    let standIn = try RibbonCameraStandIn([Life(pictures: 1, ending: .hang)])
    var source: (any VideoSource)? = try Self.open(standIn)
    _ = try Self.rows(of: #require(source))
    let run = try #require(standIn.runs.first)
    #expect(run.isAlive)
    source = nil
    #expect(!run.isAlive)
  }

  // MARK: What there is not

  @Test("a program that fails at once is told with its last words")
  func fails() throws {
    let camera = try TestCamera([.init(.rg10)], driver: "unicam")
    func failure(_ life: Life, _ directory: DeviceDirectory) throws -> CaptureError? {
      let standIn = try RibbonCameraStandIn([life])
      var timing = Self.timing
      if life.ending == .hang { timing.start = .milliseconds(300) }
      return #expect(throws: CaptureError.self) { try Self.open(standIn, in: directory, timing: timing) }
    }
    let none = Life(pictures: 0, error: "no cameras available")
    #expect(
      try failure(none, camera.directory) == .libcameraFailed(program: "rpicam-vid", reason: "no cameras available"))
    #expect(try failure(none, Self.noNodes) == .noCamera)
    #expect(
      try failure(Life(pictures: 0, ending: .hang), Self.noNodes)
        == .libcameraFailed(program: "rpicam-vid", reason: "it hangs"))
    #expect(
      try failure(Life(pictures: 0), Self.noNodes)
        == .libcameraFailed(program: "rpicam-vid", reason: "it ended without a message"))
  }

  @Test("a raw sensor is shown by its path, too, and without the program it is said how to install it")
  func rawNode() throws {
    let camera = try TestCamera([.init(.rg10)], driver: "unicam")
    let standIn = try RibbonCameraStandIn()
    let source = try Self.open(standIn, source: camera.path, in: camera.directory)
    #expect(try Self.isStraight(source))
    for name in ["camera", camera.path] {
      let error = #expect(throws: CaptureError.self) {
        try CameraFinder.open(name, options: .init(), in: camera.directory, through: .init())
      }
      #expect(error == .rawSensor(path: camera.path))
      #expect(error?.description.contains("sudo apt install rpicam-apps") == true)
    }
  }

  @Test("so is a sensor whose node offers the formats of all sensors, unless its pipeline is set up for colours")
  func pipelineNode() throws {
    let camera = try TestCamera(
      [.init(.yuyv, sizes: [.init(64, 48)]), .init(.rg10)], kind: .pipeline, driver: "rp1-cfe")
    camera.standIn.failStreamOn(EINVAL)
    let standIn = try RibbonCameraStandIn()
    for name in ["camera", camera.path] {
      #expect(try Self.isStraight(Self.open(standIn, source: name, in: camera.directory)))
      #expect(throws: CaptureError.rawSensor(path: camera.path)) {
        try CameraFinder.open(name, options: .init(), in: camera.directory, through: .init())
      }
    }
    let listed = CameraInventory.all(in: camera.directory)
    #expect(listed.map(\.path) == [camera.path] && listed.allSatisfy { $0.problem != nil })
    camera.standIn.failStreamOn(0)
    #expect(try Self.open(standIn, source: camera.path, in: camera.directory) is CameraSource)
  }

  @Test("a camera of another kind is preferred")
  func other() throws {
    let camera = try TestCamera(node: "video10")
    let raw = try camera.addNode("video0", [.init(.rg10)], driver: "unicam")
    let standIn = try RibbonCameraStandIn()
    #expect(try Self.open(standIn, in: camera.directory) is CameraSource)
    #expect(standIn.runs.isEmpty)
    _ = raw
  }

  /// Starts a program on a thread of its own, which ends while the program runs.
  private final class Starter: ThreadBody {
    let path: String
    /// The descriptor of its output.
    private(set) var output: Int32 = -1
    private var program: ChildProgram?
    private let hasStarted = DispatchSemaphore(value: 0)

    init(_ path: String) { self.path = path }

    func run() {
      defer { hasStarted.signal() }
      guard let started = try? ChildProgram(path, ["--timeout", "0"], environment: [:]) else { return }
      output = started.output
      // What ends before the kernel was told of the signal is not followed.
      var wait = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      _ = poll(&wait, 1, 30_000)
      program = consume started
    }

    func awaitStart() { hasStarted.wait() }
  }

  @Test("the program dies with the thread that started it, so that it is never left behind")
  func deathSignal() throws {
    let standIn = try RibbonCameraStandIn([Life(pictures: 1, ending: .hang)])
    let starter = Starter("\(standIn.directory)/rpicam-vid")
    starter.start()
    starter.awaitStart()
    try #require(starter.output >= 0)
    // Its output is closed when it ends.
    var (buffer, count) = ([UInt8](repeating: 0, count: 65_536), -1)
    var wait = pollfd(fd: starter.output, events: Int16(POLLIN), revents: 0)
    while count != 0, poll(&wait, 1, 30_000) == 1 { count = read(starter.output, &buffer, buffer.count) }
    #expect(count == 0)
  }
}
