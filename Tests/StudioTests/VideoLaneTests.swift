import NIOCore
import TestSupport
import Testing
import Video

@testable import Studio

@Suite("The encoder of a lane")
struct VideoLaneTests {
  private static let format = VideoFormat(width: 640, height: 480, frameRate: FrameRate(25))

  private final class Work {
    let control = LaneControl(isOpen: true)
    var clock = ManualClock()
    var counters = EncodingCounters()
    var encodeTime = TimeAmount.milliseconds(1)
    var othersTime = TimeAmount.zero
    private let limits: EncodingLimits
    private var lane: VideoLane
    private let picture: PictureBuffer

    /// - Parameter isNoise: whether the picture is one that no quantizer makes cheap, instead of black.
    init(_ limits: EncodingLimits, isNoise: Bool = true) throws {
      self.limits = limits
      lane = try VideoLane(VideoLaneTests.format, limits: limits, threads: 1, control: control)
      picture = PictureBuffer(width: 640, height: 480)
      guard isNoise else { return }
      var generator = SeededGenerator(seed: 1)
      for index in picture.luma.indices { picture.luma[index] = UInt8.random(in: 16...235, using: &generator) }
    }

    /// The frames of so many pictures; nil for those that are left out.
    func encode(_ count: Int) throws -> [EncodedFrame?] {
      try (0..<count).map { _ in
        clock.advance(by: .milliseconds(40))
        let now = clock.now
        return try picture.withFrame(captureTime: now) {
          var begin: NIODeadline? = now
          return try lane.encode(
            $0, within: limits, beside: othersTime, &counters,
            clock: .init(now: { begin.take() ?? now + self.encodeTime }, sleep: { _ in }))
        }
      }
    }
  }

  @Test("takes the size that the target allows, and says what limits it")
  func size() throws {
    let work = try Work(EncodingLimits(maximumBitrate: 2_500_000))
    let large = try #require(try work.encode(1)[0])
    #expect((large.width, large.height) == (640, 480))
    #expect(work.counters.qualityLimitation.reason == .none)
    work.control.capBitrate(400_000, stable: 400_000)
    let small = try #require(try work.encode(1)[0])
    #expect(small.isKeyFrame && (small.width, small.height) == (320, 240))
    #expect(small.captureTime == work.clock.now)
    #expect(work.counters.targetBitrate == 400_000)
    #expect(work.counters.qualityLimitation.reason == .bandwidth)
    #expect(work.counters.quantizerSum == large.quantizer + small.quantizer)
  }

  @Test("takes a smaller size within a second on a host that is too slow")
  func slowHost() throws {
    let work = try Work(EncodingLimits(maximumBitrate: 9_000_000))
    work.encodeTime = .milliseconds(80)
    let frames = try work.encode(20)
    #expect(frames[0]?.width == 640 && frames[19]?.width == 320)
    #expect(work.counters.qualityLimitation.reason == .cpu)
    #expect(work.counters.qualityLimitation[.cpu] > .zero)
  }

  @Test("takes a smaller size, too, where it is the other lanes that take the time")
  func slowLanes() throws {
    let work = try Work(EncodingLimits(maximumBitrate: 9_000_000))
    work.othersTime = .milliseconds(80)
    #expect(try work.encode(20)[19]?.width == 320)
  }

  @Test("keeps the size of the source where it is fixed")
  func fixed() throws {
    let work = try Work(EncodingLimits(maximumBitrate: 2_500_000, isFixed: true))
    work.control.capBitrate(100_000, stable: 100_000)
    #expect(try work.encode(5).allSatisfy { $0?.width == 640 })
    #expect(work.counters.targetBitrate == 100_000)
  }

  @Test("begins with what the network takes, grows at once, and has the highest bitrate where nothing is known")
  func start() throws {
    let work = try Work(EncodingLimits(maximumBitrate: 2_500_000))
    work.control.capBitrate(300_000, stable: 300_000)
    #expect(try work.encode(1)[0]?.width == 320)
    #expect(work.counters.targetBitrate == 300_000)
    work.control.capBitrate(2_000_000, stable: 2_000_000)
    #expect(try work.encode(1)[0]?.width == 640)
    work.control.capBitrate(.max, stable: .max)
    _ = try work.encode(1)
    #expect(work.counters.targetBitrate == 2_500_000)
  }

  @Test("leaves frames out where there is too little even for the smallest size, and a wanted key frame waits")
  func frameRate() throws {
    let work = try Work(EncodingLimits(maximumBitrate: 100_000))
    let frames = try work.encode(50)
    #expect((18...22).contains(frames.count { $0 != nil }))
    work.control.requestKeyFrame()
    let next = try work.encode(8).compactMap(\.self)
    #expect(next.map(\.isKeyFrame) == [true] + next.dropFirst().map { _ in false })
    #expect(work.counters.framesEncoded == frames.count { $0 != nil } + next.count)
  }

  @Test(
    "makes key frames each four seconds only where there is room for them",
    arguments: [
      (2_500_000, 5_000_000, 3), (2_500_000, 2_600_000, 1), (600_000, 5_000_000, 1),
    ])
  func periodicKeyFrames(target: Int, available: Int, count: Int) throws {
    let work = try Work(EncodingLimits(maximumBitrate: target), isNoise: false)
    work.control.capBitrate(available, stable: available)
    let frames = try work.encode(225).compactMap(\.self)
    let sizes = Set(frames.map(\.width))
    // Each change of the size has a key frame of its own.
    #expect(frames.count(where: \.isKeyFrame) - (sizes.count - 1) >= count)
    if count == 1 { #expect(frames.count(where: \.isKeyFrame) == sizes.count) }
  }
}
