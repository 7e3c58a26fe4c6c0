import NIOCore
import Testing

@testable import Capture

@Suite struct SoundTimelineTests {
  private static let second = 48_000

  private static func nanoseconds(_ milliseconds: Int64) -> Int64 { milliseconds * 1_000_000 }

  @Test("the first frame is placed exactly, from the first picture on")
  func start() {
    for (timestamp, gap) in [(1_400, 0), (1_401, 48), (1_500, 4_800), (1_399, -48), (400, -48_000)] as [(Int64, Int)] {
      var timeline = SoundTimeline(start: .milliseconds(1_400), duration: nil)
      #expect(timeline.gap(before: Self.nanoseconds(timestamp), end: 0, afterDamage: false) == gap)
    }
  }

  @Test("without a picture the first sound is at zero")
  func noPicture() {
    var timeline = SoundTimeline(start: nil, duration: nil)
    #expect(timeline.gap(before: Self.nanoseconds(5_000), end: 0, afterDamage: false) == 0)
    #expect(timeline.gap(before: Self.nanoseconds(6_000), end: 0, afterDamage: false) == Self.second)
  }

  @Test("gaps are filled and overlaps cut, except for small ones where nothing is missing")
  func gaps() {
    for (timestamp, gap, afterDamage) in [
      (1_030, 0, false), (970, 0, false), (1_031, 1_488, false), (969, -1_488, false), (1_020, 960, true),
      (1_001, 0, true), (2_000, 48_000, false), (0, -48_000, false),
    ] as [(Int64, Int, Bool)] {
      var timeline = SoundTimeline(start: .zero, duration: nil)
      #expect(timeline.gap(before: 0, end: 0, afterDamage: false) == 0)
      let found = timeline.gap(before: Self.nanoseconds(timestamp), end: Self.second, afterDamage: afterDamage)
      #expect(found == gap, "\(timestamp)")
      #expect(timeline.gap(before: nil, end: Self.second, afterDamage: true) == 0)
    }
  }

  @Test("timestamps that jump are an error of the file: what follows them is heard at once")
  func jumps() {
    for jump in [-1_001, 61_001 - 1_000, 1 << 40] as [Int64] {
      var timeline = SoundTimeline(start: .zero, duration: nil)
      #expect(timeline.gap(before: 0, end: 0, afterDamage: false) == 0)
      let time = 2_000 + jump
      #expect(timeline.gap(before: Self.nanoseconds(time), end: 2 * Self.second, afterDamage: false) == 0)
      #expect(timeline.gap(before: Self.nanoseconds(time + 1_000), end: 3 * Self.second, afterDamage: true) == 0)
      #expect(
        timeline.gap(before: Self.nanoseconds(time + 2_100), end: 4 * Self.second, afterDamage: false) == 4_800)
    }
  }

  @Test("after a single wrong timestamp the right ones count again")
  func wrongTimestamp() {
    var timeline = SoundTimeline(start: .zero, duration: nil)
    #expect(timeline.gap(before: 0, end: 0, afterDamage: false) == 0)
    #expect(timeline.gap(before: 1 << 50, end: Self.second, afterDamage: false) == 0)
    #expect(timeline.gap(before: Self.nanoseconds(2_100), end: 2 * Self.second, afterDamage: false) == 4_800)
  }

  @Test("a long gap counts when a second timestamp confirms it")
  func longGap() {
    var timeline = SoundTimeline(start: .zero, duration: nil)
    #expect(timeline.gap(before: 0, end: 0, afterDamage: false) == 0)
    #expect(timeline.gap(before: Self.nanoseconds(21_000), end: Self.second, afterDamage: false) == 0)
    #expect(timeline.gap(before: Self.nanoseconds(2_000), end: 2 * Self.second, afterDamage: false) == 0)
    #expect(timeline.gap(before: Self.nanoseconds(23_000), end: 3 * Self.second, afterDamage: false) == 0)
    #expect(timeline.gap(before: Self.nanoseconds(24_000), end: 4 * Self.second, afterDamage: false) == 960_000)
  }

  @Test("a track may begin late in a long file, but not after its end")
  func lateStart() {
    let (late, position) = (Self.nanoseconds(600_000), 600 * Self.second)
    var long = SoundTimeline(start: .zero, duration: .seconds(3_600))
    #expect(long.gap(before: late, end: 0, afterDamage: false) == position)
    var short = SoundTimeline(start: .zero, duration: .seconds(300))
    #expect(short.gap(before: late, end: 0, afterDamage: false) == 0)
  }

  @Test("impossible timestamps change nothing")
  func impossible() {
    var timeline = SoundTimeline(start: .nanoseconds(.min), duration: .nanoseconds(.max))
    for timestamp in [.min, .max, .min + 1, -(1 << 61), 1 << 61] as [Int64] {
      #expect(timeline.gap(before: timestamp, end: 0, afterDamage: false) <= 60 * Self.second)
    }
    #expect(timeline.gap(before: nil, end: .max / 2, afterDamage: false) == 0)
  }
}
