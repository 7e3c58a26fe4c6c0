/// A bitrate as a person writes it: `800000`, `1500k`, `2M` (bits per second, decimal units).
package enum Bitrate {
  /// Less makes no picture, more no network of a small computer carries.
  private static let ofVideo = 30_000...100_000_000
  /// "Opus supports all bitrates from 6 kbit/s to 510 kbit/s" (RFC 6716 section 2.1.1).
  private static let ofSound = 6_000...510_000

  package static func parse(_ text: String, of option: String = "bitrate") throws(SettingError) -> Int {
    try parse(text, of: option, in: ofVideo)
  }

  /// That of sound.
  package static func parse(sound text: String) throws(SettingError) -> Int {
    try parse(text, of: "audio-bitrate", in: ofSound)
  }

  private static func parse(_ text: String, of option: String, in range: ClosedRange<Int>) throws(SettingError) -> Int {
    let scale: Double =
      switch text.last {
      case "k", "K": 1_000
      case "M", "m": 1_000_000
      default: 1
      }
    let digits = scale == 1 ? text[...] : text.dropLast()
    guard let number = Double(digits), number.isFinite, number > 0 else {
      throw SettingError(
        of: .option(option), "'\(text)' is not a bitrate", cure: "write for example 1500k or 2M", .usage)
    }
    let bits = number * scale
    guard bits >= Double(range.lowerBound), bits <= Double(range.upperBound) else {
      let isInThousands = scale == 1 && range.contains(Int(min(bits, 1e9) * 1000))
      throw SettingError(
        of: .option(option), "\(text) is out of range",
        cure: isInThousands
          ? "did you mean \(text)k?"
          : "choose \(name(of: range.lowerBound)) to \(name(of: range.upperBound))", .usage)
    }
    return Int(bits)
  }

  private static func name(of bitrate: Int) -> String {
    bitrate.isMultiple(of: 1_000_000) ? "\(bitrate / 1_000_000)M" : "\(bitrate / 1_000)k"
  }
}
