import CV4L2
import NIOCore
import Synchronization
import TestSupport
import Testing
import Video

@testable import Capture

@Suite("The pictures of a camera") struct CameraSourceTests {
  private typealias Format = TestCamera.Format
  private typealias Size = TestCamera.Size

  private static func isRight(_ seen: CameraSource.Seen) -> Bool {
    zip([seen.y, seen.u, seen.v], [TestCamera.y, TestCamera.u, TestCamera.v]).allSatisfy { abs(Int($0) - Int($1)) <= 3 }
  }

  @Test(
    "every format is shown in its colours",
    arguments: [
      .yuyv, .uyvy, .nv12, .nv21, .yu12, .yv12, .rgb3, .mjpeg,
    ] as [CameraStandInDescription.FourCC])
  func formats(_ fourCC: CameraStandInDescription.FourCC) throws {
    let camera = try TestCamera([Format(fourCC, sizes: [Size(64, 48)])])
    let source = try camera.open()
    #expect(source.format == VideoFormat(width: 64, height: 48, frameRate: FrameRate(30)))
    try camera.standIn.deliver()
    let seen = try source.see()
    #expect(Self.isRight(seen), "\(seen)")
  }

  @Test(
    "a camera with the multi-planar API works alike",
    arguments: [.nv12, .yuyv, .yu12] as [CameraStandInDescription.FourCC])
  func multiplanar(_ fourCC: CameraStandInDescription.FourCC) throws {
    let camera = try TestCamera([Format(fourCC, sizes: [Size(64, 48)])], kind: .multiplanarCapture)
    let source = try camera.open()
    try camera.standIn.deliver()
    #expect(Self.isRight(try source.see()))
  }

  @Test(
    "a camera states its format and the cost of the conversion",
    arguments: [(.nv12, "NV12", .none), (.yuyv, "YUYV", .conversion), (.mjpeg, "MJPG", .jpeg)]
      as [(CameraStandInDescription.FourCC, String, CameraMode.Cost)])
  func mode(_ fourCC: CameraStandInDescription.FourCC, name: String, cost: CameraMode.Cost) throws {
    let camera = try TestCamera([Format(fourCC, sizes: [Size(64, 48)], rates: [15])])
    let mode = try camera.open().mode
    #expect(
      mode
        == CameraMode(
          path: camera.path, stablePath: camera.standIn.stablePath, card: "Acme Cam", format: name, width: 64,
          height: 48, rate: 15, cost: cost))
  }

  @Test("a camera without optional requests, as with libcamerify, streams at its own rate")
  func poor() throws {
    let camera = try TestCamera([Format(.nv12, sizes: [Size(64, 48), Size(32, 24)])])
    camera.standIn.isPoor = true
    let source = try camera.open()
    #expect(source.format == VideoFormat(width: 64, height: 48, frameRate: FrameRate(30)))
    try camera.standIn.deliver()
    #expect(Self.isRight(try source.see()))
  }

  @Test("the newest picture is shown, and the others are counted")
  func newestWins() throws {
    let camera = try TestCamera()
    let source = try camera.open()
    for _ in 0..<3 {
      try camera.standIn.deliver(3)
      _ = try source.see()
    }
    #expect(source.counters.framesSkipped == 6)
    #expect(camera.standIn.framesLost == 0, "every buffer went back")
  }

  @Test("pictures have their capture time, and only recent ones are shown")
  func captureTime() throws {
    let camera = try TestCamera()
    let source = try camera.open()
    try camera.standIn.deliver(2)
    let look = NIODeadline.now()
    try camera.standIn.deliver(1)
    let time = try #require(try source.nextFrame(notBefore: look) { $0.captureTime })
    #expect(time >= look && time <= .now())
    #expect(source.counters.framesSkipped == 0, "nobody looked then")
  }

  @Test("pictures without a meaningful timestamp have the time of their arrival")
  func unknownTimestamps() throws {
    let camera = try TestCamera()
    camera.standIn.hasUnknownTimestamps = true
    let source = try camera.open()
    let before = NIODeadline.now()
    try camera.standIn.deliver()
    let time = try #require(try source.nextFrame { $0.captureTime })
    #expect(time >= before && time <= .now())
  }

  @Test(
    "pictures with timestamps of another clock are shown on arrival, which is reported once",
    arguments: [-190, 190, -1_000_000, -86_400] as [Double])
  func anotherClock(offset: Double) throws {
    let camera = try TestCamera(pace: .clock)
    let details = Mutex<[String]>([])
    camera.standIn.clockOffset = offset
    let source = try camera.open(.init(onDetail: { detail in details.withLock { $0.append(detail) } }))
    var last = NIODeadline.now()
    for _ in 0..<5 {
      let time = try #require(try source.nextFrame(notBefore: last) { $0.captureTime })
      #expect(time > last && time <= .now() && source.hasSignal)
      last = time
    }
    #expect(details.withLock { $0.count } == 1)
  }

  @Test("a step of the timestamps within a stream, as after a suspend, is harmless")
  func clockJumps() throws {
    let camera = try TestCamera(pace: .clock)
    let source = try camera.open()
    #expect(try source.see().isSignal)
    camera.standIn.clockOffset = 7_200
    for _ in 0..<5 {
      let time = try #require(try source.nextFrame { $0.captureTime })
      #expect(time <= .now() && source.hasSignal)
    }
  }

  // MARK: Rates

  @Test(
    "the rate is set even if a camera lists none, since it may start at a few pictures per second",
    arguments: [.unanswered, .zero] as [CameraStandIn.UnlistedRates])
  func unlistedRates(_ way: CameraStandIn.UnlistedRates) throws {
    let camera = try TestCamera([Format(.yuyv, sizes: [Size(64, 48)], rates: [5, 30])])
    camera.standIn.unlistRates(way)
    #expect(camera.standIn.currentRate == 5)
    let source = try camera.open()
    #expect(camera.standIn.currentRate == 30 && source.mode.rate == 30)
  }

  private func expectTwentyPerSecond(_ source: CameraSource, sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(source.format.frameRate == FrameRate(20), sourceLocation: sourceLocation)
    let first = try #require(try source.nextFrame { $0.captureTime })
    var last = first
    for _ in 0..<4 { last = try #require(try source.nextFrame { $0.captureTime }) }
    // The limiter lets the first frame after a pause come early.
    #expect(last - first >= .milliseconds(3 * 50 - 10), sourceLocation: sourceLocation)
  }

  @Test("no more pictures are shown than requested, whatever rate the driver states", arguments: [true, false])
  func atMost(_ isPoor: Bool) throws {
    let camera = try TestCamera([Format(.yuyv, sizes: [Size(64, 48)], rates: [100])], pace: .clock)
    isPoor ? camera.standIn.isPoor = true : camera.standIn.fixRate()
    let source = try camera.open(.init(frameRate: FrameRate(20)))
    try expectTwentyPerSecond(source)
  }

  @Test("a rate that the driver only repeats is not taken for that of the camera")
  func repeatedRate() throws {
    let camera = try TestCamera([Format(.yuyv, sizes: [Size(64, 48)], rates: [100])])
    camera.standIn.fixRate()
    let source = try camera.open(.init(frameRate: FrameRate(20)))
    #expect(source.mode.rate == nil && camera.standIn.currentRate == 100)
  }

  @Test("an unavailable size is replaced by the nearest one, which is reported in one line")
  func snaps() throws {
    let camera = try TestCamera([Format(.yuyv, sizes: [Size(64, 48), Size(128, 96)])])
    do {
      let source = try camera.open(.init(size: PictureSize(width: 120, height: 100)))
      #expect(source.format.width == 128 && source.format.height == 96)
      #expect(source.remark?.contains("128x96") == true)
    }
    #expect(try camera.open(.init(size: PictureSize(width: 64, height: 48), frameRate: FrameRate(30))).remark == nil)
  }

  @Test("pictures of a camera that is faster than requested are dropped")
  func fasterThanWanted() throws {
    let camera = try TestCamera(pace: .clock)
    camera.standIn.forcedRate = 100
    let source = try camera.open(.init(frameRate: FrameRate(20)))
    try expectTwentyPerSecond(source)
  }

  @Test("a picture is turned and mirrored, and the size is requested accordingly")
  func turned() throws {
    let camera = try TestCamera([Format(.nv12, sizes: [Size(64, 48), Size(128, 96)])])
    let source = try camera.open(
      .init(size: PictureSize(width: 96, height: 128), orientation: Orientation(isMirrored: true, turn: .quarter)))
    #expect(source.format.width == 96 && source.format.height == 128)
    #expect(source.remark == nil)
    try camera.standIn.deliver()
    #expect(Self.isRight(try source.see()))
  }

  @Test("controls are set before the first picture")
  func controls() throws {
    let camera = try TestCamera()
    let settings = try ["brightness=200", "white_balance_automatic=off", "power_line_frequency=60 hz"]
      .map(ControlSetting.init(parsing:))
    let source = try camera.open(.init(controls: settings))
    #expect(camera.standIn.value(of: .brightness) == 200)
    #expect(camera.standIn.value(of: .automaticWhiteBalance) == 0)
    #expect(camera.standIn.value(of: .powerLineFrequency) == 2)
    _ = source
  }

  @Test("a control is set while the camera streams, by each of the camera's names")
  func controlWhileStreaming() throws {
    let camera = try TestCamera()
    let source = try camera.open()
    for (name, value) in [(camera.path, 10), (TestCamera.stableName, 20), (CameraFinder.anyCamera, 30)] {
      try CameraInventory.apply(ControlSetting(parsing: "brightness=\(value)"), to: name, in: camera.directory)
      #expect(camera.standIn.value(of: .brightness) == value)
    }
    try camera.standIn.deliver()
    #expect(try source.see().isSignal)
    #expect(camera.standIn.openDescriptors == 1)
  }

  @Test("a control of SOURCE camera is that of the node that streams, and not of one that comes before it")
  func controlOfStreaming() throws {
    let camera = try TestCamera(node: "video2")
    let silent = try camera.addNode("video0", [.init(.yuyv, sizes: [.init(64, 48)])])
    let source = try camera.open()
    try CameraInventory.apply(
      ControlSetting(parsing: "brightness=30"), to: CameraFinder.anyCamera, in: camera.directory)
    #expect(camera.standIn.value(of: .brightness) == 30)
    withExtendedLifetime((source, silent)) {}
  }

  @Test(
    "a control that cannot be set is reported with the available ones",
    arguments: [
      ("zoom=1", "brightness"), ("brightness=256", "0 to 255"), ("brightness=bright", "0 to 255"),
      ("white_balance_automatic=perhaps", "on, off"), ("power_line_frequency=400 Hz", "1 (50 Hz)"),
    ])
  func wrongControl(_ setting: String, _ hint: String) throws {
    let camera = try TestCamera()
    let error = try #require(
      #expect(throws: CaptureError.self) {
        _ = try camera.open(.init(controls: [ControlSetting(parsing: setting)]))
      })
    #expect(error.description.contains(hint), "\(error)")
    #expect(throws: error) {
      try CameraInventory.check(ControlSetting(parsing: setting), of: camera.path, in: camera.directory)
    }
    #expect(camera.standIn.openDescriptors == 0)
  }

  @Test("a control is checked without being set, of a camera that is there")
  func checkedControl() throws {
    let camera = try TestCamera()
    func check(_ source: String) throws {
      try CameraInventory.check(ControlSetting(parsing: "brightness=30"), of: source, in: camera.directory)
    }
    for name in [camera.path, TestCamera.stableName, CameraFinder.anyCamera] { try check(name) }
    #expect(camera.standIn.value(of: .brightness) != 30 && camera.standIn.openDescriptors == 0)
    let absent = "usb-Other_Cam-video-index0"
    #expect(throws: CaptureError.noSuchCamera(path: absent)) { try check(absent) }
    #expect(throws: CaptureError.invalidControl("pattern is not a camera")) { try check("pattern") }
  }

  // MARK: Still pictures

  @Test(
    "the last picture is repeated if no other arrives, and the next one is shown at once",
    arguments: [.yuyv, .nv12, .mjpeg] as [CameraStandInDescription.FourCC])
  func still(_ fourCC: CameraStandInDescription.FourCC) throws {
    let camera = try TestCamera([Format(fourCC, sizes: [Size(64, 48)])])
    let source = try camera.open(.init(patience: .seconds(30)))
    for round in 0..<3 {
      try camera.standIn.deliver(3)
      let start = NIODeadline.now()
      #expect(Self.isRight(try source.see()))
      #expect(source.counters.framesRepeated == 2 * round, "a new one")
      for _ in 0..<2 {
        let time = try #require(try source.nextFrame { $0.captureTime })
        #expect(time > start && source.hasSignal)
      }
      #expect(NIODeadline.now() - start < .seconds(2))
    }
    #expect(source.counters.framesRepeated == 6)
    #expect(camera.standIn.framesLost == 0, "what is shown again is not missing in the ring")
  }

  @Test("neither a damaged picture nor the one before it is repeated")
  func stillDamaged() throws {
    let camera = try TestCamera([Format(.mjpeg, sizes: [Size(64, 48)])])
    let source = try camera.open(.init(patience: .milliseconds(1500)))
    try camera.standIn.deliver()
    #expect(try source.see().isSignal)
    camera.standIn.truncate(next: 1)
    try camera.standIn.deliver()
    let before = ProcessorTime.ofThread
    #expect(try !source.see().isSignal)
    #expect(ProcessorTime.ofThread - before < 0.1, "with nothing to show, nothing is done")
    #expect(source.counters.framesCorrupt == 1 && source.counters.framesRepeated == 0)
  }

  @Test("no resources are lost over 200 rounds of opening, streaming and closing")
  func rounds() throws {
    let camera = try TestCamera([Format(.mjpeg, sizes: [Size(64, 48)])])
    for _ in 0..<200 {
      let source = try camera.open()
      try camera.standIn.deliver()
      _ = try source.see()
    }
    #expect(camera.standIn.openDescriptors == 0)
    #expect(camera.standIn.mappedBuffers == 0)
    #expect(camera.standIn.allocatedBuffers == 0)
    #expect(!camera.standIn.isStreaming)
  }
}
