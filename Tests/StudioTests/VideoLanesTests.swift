import NIOCore
import TestSupport
import Testing
import Video

@testable import Studio

@Suite("The encodes of one source")
struct VideoLanesTests {
  private static let format = VideoFormat(width: 640, height: 480, frameRate: FrameRate(25))

  /// Each picture takes `delay` in each lane.
  private final class Work {
    let control = EncoderControl(lanes: 3)
    private var lanes: VideoLanes
    private var clock = ManualClock()
    var delay = TimeAmount.milliseconds(8)
    private var video = VideoCounters()
    private let picture = PictureBuffer(width: 640, height: 480)

    init() throws {
      lanes = try VideoLanes(
        VideoLanesTests.format, limits: EncodingLimits(maximumBitrate: 2_500_000), threads: 1, control: control)
    }

    func encode() throws -> [(frame: EncodedFrame, video: VideoCounters)] {
      clock.advance(by: .milliseconds(40))
      var time = clock.now
      var frames: [(frame: EncodedFrame, video: VideoCounters)] = []
      try picture.withFrame(captureTime: clock.now) {
        try lanes.encode(
          $0, &video,
          clock: .init(
            now: {
              defer { time = time + self.delay }
              return time
            }, sleep: { _ in })
        ) { frames.append(($0, $1)) }
      }
      return frames
    }
  }

  @Test("there is one frame for each open lane, in its own size, and each is counted by itself")
  func open() throws {
    let work = try Work()
    #expect(try work.encode().map(\.video.lane) == [0])
    work.control.lanes[2].capBitrate(300_000, stable: 300_000)
    work.control.lanes[2].isOpen = true
    let frames = try work.encode()
    #expect(frames.map(\.video.lane) == [0, 2])
    #expect(frames.map(\.frame.width) == [640, 320])
    #expect(frames.map(\.frame.isKeyFrame) == [false, true])
    #expect(frames.map(\.video.encoding.framesEncoded) == [2, 1])
    #expect(frames.map(\.video.encoding.targetBitrate) == [2_500_000, 300_000])
  }

  @Test("a lane that was closed begins with a key frame when it is opened again, and counts on")
  func reopened() throws {
    let work = try Work()
    work.control.lanes[1].isOpen = true
    for _ in 0..<3 { _ = try work.encode() }
    work.control.lanes[1].isOpen = false
    #expect(try work.encode().map(\.video.lane) == [0])
    work.control.lanes[1].isOpen = true
    let frames = try work.encode()
    #expect(frames.map(\.frame.isKeyFrame) == [false, true])
    #expect(frames.map(\.video.encoding.framesEncoded) == [5, 4])
  }

  @Test("the load is that of all open lanes, once it is known")
  func load() throws {
    let work = try Work()
    work.control.lanes[1].isOpen = true
    var loads: [Double?] = []
    for _ in 0..<20 { loads.append(try work.encode().last?.video.encodingLoad) }
    #expect(loads.prefix(8).allSatisfy { $0 == nil })
    #expect(abs(try #require(loads[19]) - 0.4) < 0.01)
    work.control.lanes[1].isOpen = false
    for _ in 0..<40 { loads.append(try work.encode().last?.video.encodingLoad) }
    #expect(abs(try #require(loads[59]) - 0.2) < 0.01)
  }

  @Test("the size of each lane follows the time that all of them take")
  func slowHost() throws {
    let work = try Work()
    for lane in work.control.lanes { lane.isOpen = true }
    // Three times 8 ms are 0.6 of the interval, and three times 16 ms more than all of it.
    var frames = try (0..<30).flatMap { _ in try work.encode() }
    #expect(frames.allSatisfy { $0.frame.width == 640 })
    work.delay = .milliseconds(16)
    frames = try (0..<60).flatMap { _ in try work.encode() }
    #expect(frames.suffix(3).map(\.frame.width) == [320, 320, 320])
  }
}
