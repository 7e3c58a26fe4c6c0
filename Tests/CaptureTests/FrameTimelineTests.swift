import NIOCore
import Testing

@testable import Capture

@Suite struct FrameTimelineTests {
  private static let interval: Int64 = 40

  private static func times(_ timestamps: [Int64?], duration: Int64? = nil) -> [UInt64] {
    var timeline = FrameTimeline(interval: .milliseconds(interval))
    return timestamps.map { timestamp in
      timeline.captureTime(timestamp: timestamp.map { $0 * 1_000_000 }, duration: duration.map { $0 * 1_000_000 })
        .uptimeNanoseconds / 1_000_000
    }
  }

  @Test("the first frame has time zero, wherever the file begins")
  func start() {
    #expect(Self.times([1_400, 1_440, 1_500]) == [0, 40, 100])
    #expect(Self.times([-80, -40, 0]) == [0, 40, 80])
  }

  @Test("missing timestamps are derived from the frame's duration or the interval")
  func missing() {
    #expect(Self.times([nil, nil, nil]) == [0, 40, 80])
    #expect(Self.times([0, nil, 100], duration: 50) == [0, 50, 100])
  }

  @Test("constant, decreasing and leaping timestamps do not stop the picture")
  func faults() {
    #expect(Self.times([0, 40, 40, 80, 120]) == [0, 40, 80, 120, 160])
    #expect(Self.times([5_000, 5_040, 0, 40]) == [0, 40, 80, 120])
    #expect(Self.times([0, 40, 3_600_000, 3_600_040]) == [0, 40, 80, 120])
  }

  @Test("an intended pause is kept")
  func pause() {
    #expect(Self.times([0, 30_000]) == [0, 30_000])
  }

  @Test("extreme timestamps and durations do not overflow")
  func extremes() {
    var timeline = FrameTimeline(interval: .milliseconds(40))
    var last: UInt64?
    for timestamp in [Int64.min, .max, 0, .max, .min, 1 << 61, -(1 << 61), nil] {
      for duration in [Int64.max, .min, 0, -1, nil] {
        let time = timeline.captureTime(timestamp: timestamp, duration: duration).uptimeNanoseconds
        if let last { #expect(time > last && time - last <= 60_000_000_000) }
        last = time
      }
    }
  }

  @Test("a further round continues where the previous one ended")
  func restart() {
    var timeline = FrameTimeline(interval: .milliseconds(40))
    func time(_ milliseconds: Int64) -> UInt64 {
      timeline.captureTime(timestamp: milliseconds * 1_000_000, duration: 50_000_000).uptimeNanoseconds / 1_000_000
    }
    #expect([time(1_000), time(1_050)] == [0, 50])
    timeline.restart()
    #expect([time(1_000), time(1_050)] == [100, 150])
    // A round that begins later than the last one ended, too, leaves no hole.
    timeline.restart()
    #expect(time(9_000) == 200)
  }
}
