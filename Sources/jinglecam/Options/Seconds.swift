import NIOCore
import Settings

/// A span of time as an option gives it.
enum Seconds {
  static func amount(_ text: String?, option: String) throws(SettingError) -> TimeAmount? {
    guard let text else { return nil }
    guard let value = Double(text), value > 0, value <= 31_536_000 else {
      throw SettingError(
        of: .option(option), "'\(text)' is not a number of seconds", cure: "write for example 30 or 0.5", .usage)
    }
    return .nanoseconds(Int64(value * 1e9))
  }
}
