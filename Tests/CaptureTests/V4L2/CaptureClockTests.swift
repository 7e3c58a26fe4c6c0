import NIOCore
import Testing

@testable import Capture

@Suite("The capture time of a camera's pictures") struct CaptureClockTests {
  private static func time(_ milliseconds: Int64) -> NIODeadline {
    .uptimeNanoseconds(1_000_000_000_000) + .milliseconds(milliseconds)
  }

  @Test("a plausible timestamp is used, even of the beginning of the exposure")
  func believed() {
    var clock = CaptureClock(emptySince: Self.time(0))
    for frame in 1...5 {
      let arrival = Int64(frame) * 40
      #expect(clock.captureTime(stamp: Self.time(arrival - 200), now: Self.time(arrival)) == Self.time(arrival - 200))
      clock.sawNoPicture(at: Self.time(arrival))
    }
    #expect(clock.isBelieved)
  }

  @Test("pictures that waited in the ring for minutes have the age of their timestamps")
  func waited() {
    var clock = CaptureClock(emptySince: Self.time(0))
    #expect(clock.captureTime(stamp: Self.time(33), now: Self.time(600_000)) == Self.time(33))
    #expect(clock.captureTime(stamp: Self.time(66), now: Self.time(600_000)) == Self.time(66))
    #expect(clock.isBelieved)
  }

  @Test(
    "a timestamp of another clock is ignored, and so are those after it",
    arguments: [-190_000, 190_000, -1_000_000_000, -600, 600] as [Int64])
  func anotherClock(offset: Int64) {
    var clock = CaptureClock(emptySince: Self.time(0))
    #expect(clock.captureTime(stamp: Self.time(40 + offset), now: Self.time(40)) == Self.time(40))
    clock.sawNoPicture(at: Self.time(40))
    #expect(clock.captureTime(stamp: Self.time(70), now: Self.time(80)) == Self.time(80))
    #expect(!clock.isBelieved)
  }

  @Test("timestamps that step, stand still or decrease are ignored from then on")
  func jumps() {
    for second in [Self.time(30), Self.time(20), Self.time(7_200_000)] {
      var clock = CaptureClock(emptySince: Self.time(0))
      #expect(clock.captureTime(stamp: Self.time(30), now: Self.time(40)) == Self.time(30))
      clock.sawNoPicture(at: Self.time(40))
      #expect(clock.captureTime(stamp: second, now: Self.time(80)) == Self.time(80))
    }
  }

  @Test("a timestamp slightly in the future counts as the present")
  func ahead() {
    var clock = CaptureClock(emptySince: Self.time(0))
    #expect(clock.captureTime(stamp: Self.time(50), now: Self.time(40)) == Self.time(40))
    #expect(clock.isBelieved)
  }

  @Test("a picture without a timestamp that may be minutes old is not considered new")
  func unknownAge() {
    var clock = CaptureClock(emptySince: Self.time(0))
    #expect(clock.captureTime(stamp: nil, now: Self.time(600_000)) == Self.time(0))
    clock.sawNoPicture(at: Self.time(600_000))
    #expect(clock.captureTime(stamp: nil, now: Self.time(600_040)) == Self.time(600_040))
  }
}
