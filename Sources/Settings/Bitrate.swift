/// A bitrate as a person writes it: `800000`, `1500k`, `2M` (bits per second, decimal units).
package enum Bitrate {
  /// Less makes no picture, more no network of a small computer carries.
  private static let range = 30_000...100_000_000

  package static func parse(_ text: String, of option: String = "bitrate") throws(SettingError) -> Int {
    let scale: Double =
      switch text.last {
      case "k", "K": 1_000
      case "M", "m": 1_000_000
      default: 1
      }
    let digits = scale == 1 ? text[...] : text.dropLast()
    guard let number = Double(digits), number.isFinite, number > 0 else {
      throw SettingError(
        of: .option(option), "'\(text)' is no bitrate", cure: "write for example 1500k or 2M", .usage)
    }
    let bits = number * scale
    guard bits >= Double(range.lowerBound), bits <= Double(range.upperBound) else {
      throw SettingError(of: .option(option), "\(text) is out of range", cure: "choose 30k to 100M", .usage)
    }
    return Int(bits)
  }
}
