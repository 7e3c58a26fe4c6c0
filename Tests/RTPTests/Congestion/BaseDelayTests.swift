import NIOCore
import Testing

@testable import RTP

@Suite struct BaseDelayTests {
  private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
  private static let millisecond: Int64 = 1_000_000

  /// The time that each packet takes, in milliseconds, and that it is said to have waited.
  private func waits(of packets: [(delay: Int64, size: Int, rate: Double)]) -> [Double] {
    var base = BaseDelay()
    return packets.map { packet in
      base.add(packet.delay * Self.millisecond, size: packet.size, rate: packet.rate, now: Self.start)
      return base.wait(packet.delay * Self.millisecond, size: packet.size, rate: packet.rate) * 1e3
    }
  }

  @Test func `a longer packet takes longer and has not waited for it`() {
    // At 1 Mbit/s: 1 ms for 125 bytes, 10 ms for 1250.
    let waits = waits(of: [(21, 125, 1e6), (30, 1_250, 1e6), (35, 1_250, 1e6)])
    #expect(waits[1] < 0.001)
    #expect(abs(waits[2] - 5) < 0.001)
  }

  @Test func `a shorter packet than that of the least delay is not said to have waited less`() {
    let waits = waits(of: [(30, 1_250, 1e6), (33, 125, 1e6)])
    #expect(abs(waits[1] - 3) < 0.001)
  }

  @Test func `a packet takes longer where the bottleneck has become slower, and has not waited for it`() {
    // 1250 bytes take 5 ms at 2 Mbit/s, 20 ms at 0.5 Mbit/s.
    let waits = waits(of: [(25, 1_250, 2e6), (40, 1_250, 0.5e6), (50, 1_250, 0.5e6)])
    #expect(waits[1] < 0.001)
    #expect(abs(waits[2] - 10) < 0.001)
  }

  @Test func `an estimate that rises without a smaller delay does not hide a wait`() {
    // 300 kbit/s was an estimate that was too low.
    let waits = waits(of: [(25, 1_250, 0.3e6), (26, 1_250, 2e6), (50, 1_250, 2e6), (55, 1_250, 1e6)])
    #expect(abs(waits[2] - 25) < 0.001)
    #expect(abs(waits[3] - 25) < 0.001)
  }

  @Test func `the least delay of forty seconds counts, and no longer one`() {
    var base = BaseDelay()
    base.add(20 * Self.millisecond, size: 100, rate: 1e6, now: Self.start)
    for second in 1...38 {
      base.add(30 * Self.millisecond, size: 100, rate: 1e6, now: Self.start + .seconds(Int64(second)))
    }
    #expect(abs(base.wait(30 * Self.millisecond, size: 100, rate: 1e6) - 0.01) < 1e-6)
    for second in 39...41 {
      base.add(30 * Self.millisecond, size: 100, rate: 1e6, now: Self.start + .seconds(Int64(second)))
    }
    #expect(base.wait(30 * Self.millisecond, size: 100, rate: 1e6) < 1e-6)
  }

  @Test func `the least delay counts for as long as it is kept`() {
    var base = BaseDelay()
    base.add(20 * Self.millisecond, size: 100, rate: 1e6, now: Self.start)
    for second in 1...120 {
      base.add(30 * Self.millisecond, size: 100, rate: 1e6, now: Self.start + .seconds(Int64(second)))
      base.keep()
    }
    #expect(abs(base.wait(30 * Self.millisecond, size: 100, rate: 1e6) - 0.01) < 1e-6)
  }
}
