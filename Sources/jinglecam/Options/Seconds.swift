import NIOCore
import Settings

/// A span of time as an option gives it.
enum Seconds {
  static func amount(_ value: Double?, option: String) throws(SettingError) -> TimeAmount? {
    guard let value else { return nil }
    guard value > 0, value <= 31_536_000 else {
      throw SettingError(of: .option(option), "\(value) is out of range", cure: "give seconds, more than 0", .usage)
    }
    return .nanoseconds(Int64(value * 1e9))
  }
}
