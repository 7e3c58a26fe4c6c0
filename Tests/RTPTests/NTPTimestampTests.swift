import NIOCore
import RTP
import Testing

@Suite("NTP timestamps (RFC 3550 section 4)")
struct NTPTimestampTests {
  private static let origin = NTPTimestamp(rawValue: 7 << 32)

  @Test(
    "go on by seconds and parts of a second, in either direction",
    arguments: [
      (TimeAmount.zero, 7 << 32), (.seconds(2), 9 << 32), (.milliseconds(250), (7 << 32) + (1 << 30)),
      (.milliseconds(1_500), (17 << 31)), (.milliseconds(-250), (7 << 32) - (1 << 30)),
      (.nanoseconds(1), (7 << 32) + 4),
    ] as [(TimeAmount, UInt64)])
  func advanced(by amount: TimeAmount, rawValue: UInt64) {
    #expect(Self.origin.advanced(by: amount).rawValue == rawValue)
  }

  @Test("wrap as eras do, and begin in 1900")
  func eras() {
    #expect(NTPTimestamp(rawValue: .max).advanced(by: .seconds(1)).rawValue == 0xFFFF_FFFF)
    #expect(
      NTPTimestamp(secondsSince1970: 0, nanoseconds: 500_000_000).rawValue == (2_208_988_800 as UInt64) << 32 | 1 << 31)
    // 2036-02-07T06:28:16Z.
    #expect(NTPTimestamp(secondsSince1970: 2_085_978_496, nanoseconds: 0).rawValue == 0)
    #expect(NTPTimestamp(rawValue: 0x1234_5678_9ABC_DEF0).middle == 0x5678_9ABC)
  }
}
