import Glibc

/// What a caller is told in a chat where there is no picture to show: a call that only ends leaves a person to guess.
struct SourceOutage: Sendable {
  /// Why the source could not be opened.
  let failure: String
  /// Seconds since 1970 at which it was first found missing; `nil` while it is there.
  let missingSince: Int64?

  /// - Parameter now: seconds since 1970.
  func text(now: Int64) -> String {
    guard let missingSince else { return "There is no picture: \(failure)." }
    return "There is no picture: the source has been missing since \(Self.time(missingSince, now: now))."
  }

  private static let day: Int64 = 86_400

  /// The local time, with the date where it is more than a day ago.
  private static func time(_ seconds: Int64, now: Int64) -> String {
    var seconds = time_t(seconds)
    var parts = tm()
    localtime_r(&seconds, &parts)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
      strftime(buffer.baseAddress!, buffer.count, now - Int64(seconds) < day ? "%H:%M" : "%Y-%m-%d %H:%M", &parts)
      return String(cString: buffer.baseAddress!)
    }
  }
}
