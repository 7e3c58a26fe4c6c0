import NIOCore
import Testing

@testable import Capture

@Suite struct SampleClockTests {
  private static func time(_ milliseconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .milliseconds(milliseconds) }

  @Test("a timestamp of the monotonic clock tells the time of the first sample, whenever the reader gets it")
  func stamps() {
    var clock = SampleClock()
    for late in [Int64(0), 1, 100, 3_000] {
      let captureTime = clock.captureTime(
        stamp: Self.time(10_000), delay: .milliseconds(10), asked: Self.time(10_000), now: Self.time(10_000 + late))
      #expect(captureTime == Self.time(9_990), "\(late)")
    }
    #expect(clock.isBelieved)
  }

  @Test("a driver that counted a while ago is believed, and one of another clock is not, nor what it says afterwards")
  func others() {
    var clock = SampleClock()
    func captureTime(stamp: Int64?) -> NIODeadline {
      clock.captureTime(
        stamp: stamp.map(Self.time), delay: .milliseconds(10), asked: Self.time(10_000), now: Self.time(10_002))
    }
    #expect(captureTime(stamp: 9_900) == Self.time(9_890))
    for stamp in [Int64(9_400), 10_600] {
      clock = SampleClock()
      #expect(captureTime(stamp: stamp) == Self.time(9_992), "\(stamp)")
      #expect(captureTime(stamp: 10_001) == Self.time(9_992), "\(stamp)")
    }
  }
}
