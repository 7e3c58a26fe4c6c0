import NIOCore

/// The requests of a session that await their response; each is acknowledged (XEP-0166 section 6.3.1).
struct SessionRequests: Sendable {
  enum Purpose: Hashable, Sendable {
    case initiate
    case accept
    case restart(content: String)
    case modify(content: String, Content.Senders)
    case terminate
    case other
  }

  /// The most requests that are tracked. A session that trickles candidates has a few dozen at most; beyond the limit
  /// the response to the oldest is ignored.
  static let capacity = 128

  private var entries: [(id: String, purpose: Purpose, deadline: NIODeadline)] = []

  var deadline: NIODeadline? { entries.map(\.deadline).min() }

  mutating func insert(_ id: String, _ purpose: Purpose, deadline: NIODeadline) {
    if entries.count == Self.capacity { entries.removeFirst() }
    entries.append((id, purpose, deadline))
  }

  func contains(_ id: String) -> Bool {
    entries.contains { $0.id == id }
  }

  func contains(where matches: (Purpose) -> Bool) -> Bool {
    entries.contains { matches($0.purpose) }
  }

  mutating func remove(_ id: String) -> Purpose? {
    guard let index = entries.firstIndex(where: { $0.id == id }) else { return nil }
    return entries.remove(at: index).purpose
  }

  /// Removes and returns a request that was not answered in time.
  mutating func popExpired(now: NIODeadline) -> Purpose? {
    guard let index = entries.firstIndex(where: { $0.deadline <= now }) else { return nil }
    return entries.remove(at: index).purpose
  }
}
