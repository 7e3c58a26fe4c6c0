import Jingle
import Logging

/// Tells the log what of a peer's stanzas could not be read, a few times a call, since it is the peer who causes it.
struct UnreadableReport {
  private static let limit = 8

  private var count = 0

  mutating func tell(_ errors: [JingleError], to logger: Logger) {
    guard let summary = errors.summary, count < Self.limit else { return }
    count += 1
    logger.notice("the viewer's client sent what cannot be read: \(summary)")
  }
}
