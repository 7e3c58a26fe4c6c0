/// Date and time in the format of XMPP: `2026-01-01T00:00:00.123Z`, or with an offset such as `+01:00` (XEP-0082
/// section 3.2).
package enum DateTime {
  /// Returns the seconds since 1970 without fractions, or nil if the text is malformed. A year has four digits, so that
  /// no sum or difference of two times overflows.
  package static func secondsSince1970(_ text: String) -> Int64? {
    let characters = Array(text.utf8)
    guard
      characters.count >= 20, characters.count <= 40,
      let year = number(characters[0..<4]), let month = number(characters[5..<7]), let day = number(characters[8..<10]),
      let hour = number(characters[11..<13]), let minute = number(characters[14..<16]),
      let second = number(characters[17..<19]),
      (1...12).contains(month), (1...31).contains(day), hour <= 23, minute <= 59, second <= 60,
      characters[4] == UInt8(ascii: "-"), characters[7] == UInt8(ascii: "-"), characters[10] == UInt8(ascii: "T"),
      characters[13] == UInt8(ascii: ":"), characters[16] == UInt8(ascii: ":"),
      let offset = offset(characters[19...])
    else { return nil }
    return daysSince1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset
  }

  /// Reads the format of XEP-0091, which is in UTC: `20020910T23:08:25`.
  static func secondsSince1970(legacy text: String) -> Int64? {
    let characters = Array(text.utf8)
    guard characters.count == 17 else { return nil }
    let (year, month, rest) = (characters[..<4], characters[4..<6], characters[6...])
    return secondsSince1970(
      [year, month, rest].map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-") + "Z")
  }

  /// Reads what follows the seconds: an optional fraction and the time zone, whose offset is returned in seconds.
  private static func offset(_ rest: ArraySlice<UInt8>) -> Int64? {
    var rest = rest
    if rest.first == UInt8(ascii: ".") { rest = rest.dropFirst().drop { number([$0]) != nil } }
    if rest.elementsEqual("Z".utf8) { return 0 }
    let zone = Array(rest)
    guard
      zone.count == 6, zone[3] == UInt8(ascii: ":"), let hours = number(zone[1..<3]), let minutes = number(zone[4..<6]),
      hours <= 23, minutes <= 59
    else { return nil }
    let amount = hours * 3_600 + minutes * 60
    switch zone[0] {
    case UInt8(ascii: "+"): return amount
    case UInt8(ascii: "-"): return -amount
    default: return nil
    }
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    guard digits.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }

  /// Converts a date of the Gregorian calendar, in which 400 years have 146,097 days. Years are counted from March, so
  /// that a leap day is the last day.
  private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let year = month > 2 ? year : year - 1
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
  }
}
