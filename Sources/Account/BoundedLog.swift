import Logging
import NIOCore

/// Writes the lines that others can cause, of each kind some at once and then one a minute, so that nobody fills the disk
/// or hides among them. How many were left out stands in the next one.
package struct BoundedLog {
  private static let capacity = 10
  private static let interval = TimeAmount.minutes(1)

  let logger: Logger
  /// The kinds are few: they are in our own text.
  private var kinds: [String: (lines: TokenBucket, omitted: Int)] = [:]

  package init(logger: Logger) {
    self.logger = logger
  }

  /// - Parameter kind: what counts as one kind; nil: all lines with this message.
  package mutating func write(
    _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata = [:], kind: String? = nil, now: NIODeadline
  ) {
    let kind = kind ?? message
    var (lines, omitted) =
      kinds[kind] ?? (TokenBucket(capacity: Self.capacity, interval: Self.interval, now: now), 0)
    var metadata = metadata
    if lines.take(now: now) {
      if omitted > 0 { metadata["omitted"] = "\(omitted)" }
      logger.log(level: level, "\(message)", metadata: metadata)
      omitted = 0
    } else {
      omitted += 1
    }
    kinds[kind] = (lines, omitted)
  }
}
