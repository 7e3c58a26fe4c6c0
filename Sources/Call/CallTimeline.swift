import NIOCore

/// When a call came to what, and what is due by then.
struct CallTimeline: Sendable {
  enum Due: Equatable, Sendable {
    /// There should be a picture by now.
    case setup
    /// The picture was sent for as long as it was to be.
    case duration
    case statistics
  }

  /// From session-accept to a picture. ICE alone may take 39.5 s (RFC 8863 section 4), the handshake then 20 s.
  private static let setupPatience = TimeAmount.seconds(60)
  private static let statisticsInterval = TimeAmount.seconds(1)

  private var acceptedAt: NIODeadline?
  private(set) var streamingSince: NIODeadline?
  /// From session-accept to the first picture that was sent.
  private(set) var setupTime: TimeAmount?
  private var deadlines: [(due: Due, at: NIODeadline)] = []

  var isStreaming: Bool { streamingSince != nil }

  /// Both sides know what they need of each other: there is a picture soon, or none.
  mutating func expectPicture(now: NIODeadline) {
    acceptedAt = now
    deadlines.append((.setup, now + Self.setupPatience))
  }

  mutating func startStreaming(for duration: TimeAmount?, now: NIODeadline) {
    streamingSince = now
    deadlines.removeAll { $0.due == .setup }
    deadlines.append((.statistics, now + Self.statisticsInterval))
    if let duration { deadlines.append((.duration, now + duration)) }
  }

  mutating func frameSent(now: NIODeadline) {
    if setupTime == nil, let acceptedAt { setupTime = now - acceptedAt }
  }

  var deadline: NIODeadline? { deadlines.lazy.map(\.at).min() }

  /// What is due, in order; each once, statistics again and again.
  mutating func handleTimeout(now: NIODeadline) -> [Due] {
    let due = deadlines.filter { $0.at <= now }.sorted { $0.at < $1.at }.map(\.due)
    deadlines.removeAll { $0.at <= now }
    if due.contains(.statistics) { deadlines.append((.statistics, now + Self.statisticsInterval)) }
    return due
  }
}
