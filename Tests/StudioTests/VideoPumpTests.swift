import Capture
import NIOCore
import Synchronization
import Testing
import Video

@testable import Studio

/// Virtual time: sleeping until a deadline makes it that time.
private final class PumpClock {
  var time = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
  /// What each frame costs, as if encoding took that long.
  var costs: [TimeAmount] = []

  var clock: VideoPump.Clock {
    VideoPump.Clock(now: { self.time }, sleep: { self.time = max(self.time, $0) })
  }
}

@Suite struct VideoPumpTests {
  private static let format = VideoFormat(width: 64, height: 64, frameRate: FrameRate(25))

  private func makePump(_ control: EncoderControl, _ clock: PumpClock) throws -> VideoPump {
    try VideoPump(
      source: TestPattern(TestPatternSpecification(format: Self.format)), limits: .init(maximumBitrate: 200_000),
      threads: 1,
      control: control, clock: clock.clock)
  }

  @Test("frames leave at their own pace, stamped with the monotonic clock")
  func pace() throws {
    let control = EncoderControl()
    let clock = PumpClock()
    let pump = try makePump(control, clock)
    let start = clock.time
    var times: [TimeAmount] = []
    control.start()
    try pump.run { frame, _ in
      times.append(frame.captureTime - start)
      if times.count == 5 { control.stop() }
    }
    #expect(times == (0..<5).map { .milliseconds(40 * $0) })
  }

  @Test("a host that falls behind leaves frames out and is on time again")
  func catchesUp() throws {
    let control = EncoderControl()
    let clock = PumpClock()
    let pump = try makePump(control, clock)
    let start = clock.time
    var frames = 0
    var lateness: TimeAmount = .zero
    control.start()
    try pump.run { frame, _ in
      frames += 1
      if frames == 3 { clock.time = clock.time + .seconds(2) }
      lateness = clock.time - frame.captureTime
      if frames == 10 { control.stop() }
    }
    // Two seconds are 50 frames: ten delivered frames span them only if most were left out.
    #expect(clock.time - start >= .seconds(2))
    #expect(lateness <= .milliseconds(100))
  }

  @Test("a wanted key frame is made once, and so is that of a further call", arguments: [false, true])
  func keyFrame(ofFurtherCall isFurtherCall: Bool) throws {
    let control = EncoderControl()
    let pump = try makePump(control, PumpClock())
    var keyFrames: [Int] = []
    var frames = 0
    control.start()
    try pump.run { frame, _ in
      if frame.isKeyFrame { keyFrames.append(frames) }
      frames += 1
      if frames == 5 { if isFurtherCall { control.start() } else { control.requestKeyFrame() } }
      if frames == 12 { control.stop() }
    }
    #expect(keyFrames == [0, 5])
  }

  /// The target bitrates of three frames, after each of the first two of which something is done.
  private func targetsOfThreeFrames(
    _ first: (EncoderControl) -> Void, _ second: (EncoderControl) -> Void
  ) throws -> [Int] {
    let control = EncoderControl()
    let pump = try makePump(control, PumpClock())
    var targets: [Int] = []
    control.start()
    try pump.run { _, counters in
      targets.append(counters.encoding.targetBitrate)
      if targets.count == 1 { first(control) }
      if targets.count == 2 { second(control) }
      if targets.count == 3 { control.stop() }
    }
    return targets
  }

  @Test("a peer's cap lowers the target bitrate and cannot raise it")
  func bitrateCap() throws {
    let targets = try targetsOfThreeFrames(
      { $0.capBitrate(100_000, stable: 100_000) }, { $0.capBitrate(900_000, stable: 900_000) })
    #expect(targets == [200_000, 100_000, 200_000])
  }

  @Test("another bitrate may be set while it runs, under a peer's cap")
  func bitrateSet() throws {
    let targets = try targetsOfThreeFrames({ $0.setBitrate(300_000) }, { $0.capBitrate(250_000, stable: 250_000) })
    #expect(targets == [200_000, 300_000, 250_000])
  }

  @Test("nothing is captured before the start, and nothing after a stop")
  func stopBeforeStart() throws {
    let control = EncoderControl()
    let pump = try makePump(control, PumpClock())
    control.stop()
    try pump.run { _, _ in Issue.record("a frame after the stop") }
  }

  @Test("a picture is taken once for each time that it is asked for, and the frames go on")
  func snapshot() throws {
    let control = EncoderControl()
    let pump = try makePump(control, PumpClock())
    var frames = 0
    var taken: [Int] = []
    pump.onSnapshot = { picture in
      #expect(picture?.readableBytesView.starts(with: [0xff, 0xd8]) == true)
      taken.append(frames)
    }
    control.start()
    try pump.run { _, _ in
      frames += 1
      if frames == 3 || frames == 6 { control.requestSnapshot() }
      if frames == 10 { control.stop() }
    }
    #expect(taken == [3, 6] && frames == 10)
  }

  @Test("a camera that was just opened settles first, by its pictures or by time", arguments: [(40, 20), (400, 5)])
  func settling(interval: Int64, picture: Int) throws {
    let control = EncoderControl()
    let clock = PumpClock()
    let camera = ScriptedCamera(clock, interval: .milliseconds(interval))
    let pump = try VideoPump(
      source: camera, limits: .init(maximumBitrate: 200_000), threads: 1, control: control, clock: clock.clock)
    pump.onSnapshot = { jpeg in
      #expect(jpeg != nil)
      control.stop()
    }
    control.requestSnapshot()
    control.start()
    try pump.run { _, _ in }
    #expect(camera.pictures == picture)
  }

  @Test("what stands for the picture of a lost camera is no snapshot")
  func noSignal() throws {
    let control = EncoderControl()
    let clock = PumpClock()
    let camera = ScriptedCamera(clock, interval: .milliseconds(40))
    camera.trouble = .silent
    let pump = try VideoPump(
      source: camera, limits: .init(maximumBitrate: 200_000), threads: 1, control: control, clock: clock.clock)
    pump.onSnapshot = { jpeg in
      #expect(jpeg == nil)
      control.stop()
    }
    control.requestSnapshot()
    control.start()
    try pump.run { _, _ in }
    #expect(camera.pictures == 1)
  }

  @Test("what keeps a camera from giving pictures is told once, and once that it gives some again")
  func trouble() throws {
    let control = EncoderControl()
    let clock = PumpClock()
    let camera = ScriptedCamera(clock, interval: .milliseconds(40))
    let pump = try VideoPump(
      source: camera, limits: .init(maximumBitrate: 200_000), threads: 1, control: control, clock: clock.clock)
    var told: [SourceTrouble?] = []
    pump.onTrouble = { told.append($0) }
    control.start()
    try pump.run { _, _ in
      camera.trouble = (3..<6).contains(camera.pictures) ? .undecodable(reason: "no reason") : nil
      if camera.pictures == 9 { control.stop() }
    }
    #expect(told == [.undecodable(reason: "no reason"), nil])
  }
}

/// Gives a grey picture at each interval of the pump's own clock.
private final class ScriptedCamera: VideoSource {
  let format = VideoFormat(width: 64, height: 64, frameRate: FrameRate(25))
  let timeline = VideoTimeline.live
  let counters = SourceCounters()
  var trouble: SourceTrouble?
  private(set) var pictures = 0
  private let clock: PumpClock
  private let interval: TimeAmount

  init(_ clock: PumpClock, interval: TimeAmount) {
    self.clock = clock
    self.interval = interval
  }

  func nextFrame<R>(notBefore earliest: NIODeadline, _ body: (borrowing VideoFrame) throws -> R) throws -> R? {
    pictures += 1
    clock.time = clock.time + interval
    return try PictureBuffer(width: 64, height: 64).withFrame(captureTime: clock.time, body)
  }
}
