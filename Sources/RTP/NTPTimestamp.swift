import NIOCore

/// A wall-clock time in the 64-bit NTP format (RFC 3550 section 4): seconds since 1900 as a 32.32 fixed-point number.
package struct NTPTimestamp: RawRepresentable, Hashable, Sendable {
  /// The Unix epoch in seconds of NTP era 0 (RFC 5905 section 6). The seconds wrap in 2036, which RFC 3550 section 4
  /// allows.
  private static let unixEpoch: Int64 = 2_208_988_800

  package let rawValue: UInt64

  package init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  package init(secondsSince1970 seconds: Int64, nanoseconds: UInt32) {
    let whole = UInt32(truncatingIfNeeded: seconds &+ Self.unixEpoch)
    let fraction = (UInt64(nanoseconds) << 32) / 1_000_000_000
    self.init(rawValue: UInt64(whole) << 32 &+ fraction)
  }

  /// The middle 32 bits, in units of 1/65536 s, as the LSR field carries them (RFC 3550 section 6.4.1).
  package var middle: UInt32 {
    UInt32(truncatingIfNeeded: rawValue >> 16)
  }

  /// The timestamp `amount` later. It wraps at the end of an NTP era.
  package func advanced(by amount: TimeAmount) -> NTPTimestamp {
    let (seconds, nanoseconds) = amount.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let fraction = (nanoseconds << 32) / 1_000_000_000
    return NTPTimestamp(
      rawValue: rawValue &+ UInt64(bitPattern: seconds << 32) &+ UInt64(bitPattern: fraction))
  }
}
