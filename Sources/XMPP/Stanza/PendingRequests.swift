import NIOCore

/// The requests that await their response (RFC 6120 section 8.2.3). `Context` is a value of the requester.
///
/// A response is accepted only from the entity that was asked; otherwise anybody who guesses an id could respond.
package struct PendingRequests<Context: Sendable>: Sendable {
  private struct Request: Sendable {
    var to: JID?
    var context: Context
    var deadline: NIODeadline
  }

  private let local: JID
  private var requests: [String: Request] = [:]

  package init(local: JID) {
    self.local = local
  }

  package var isEmpty: Bool { requests.isEmpty }

  package var deadline: NIODeadline? { requests.values.lazy.map(\.deadline).min() }

  package mutating func add(id: String, to: JID?, _ context: Context, deadline: NIODeadline) {
    precondition(requests[id] == nil, "an id may be used once")
    requests[id] = Request(to: to, context: context, deadline: deadline)
  }

  /// Returns the context of the request that a result or error answers, or nil if it answers none.
  package mutating func receive(_ stanza: XMLElement) -> Context? {
    guard stanza.iqType == .result || stanza.iqType == .error, let id = stanza["id"], let request = requests[id],
      isFitting(stanza["from"], for: request.to)
    else { return nil }
    requests[id] = nil
    return request.context
  }

  /// Removes the requests that were not answered in time, and returns their contexts.
  package mutating func handleTimeout(now: NIODeadline) -> [Context] {
    let expired = requests.filter { $0.value.deadline <= now }
    for id in expired.keys { requests[id] = nil }
    return expired.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }.map(\.value.context)
  }

  package mutating func removeAll() -> [Context] {
    defer { requests.removeAll() }
    return requests.values.map(\.context)
  }

  /// Whether a response may come from this sender. What the server answers for our account has no `from` or our bare
  /// JID (RFC 6120 sections 8.1.2.1 and 10.3.3); older servers use their own name or our full JID. Every other response
  /// must come from the entity that was asked.
  private func isFitting(_ from: String?, for to: JID?) -> Bool {
    let isAccount = to == nil || to == local.bare
    guard let from else { return isAccount || to == local.server }
    guard let from = try? JID(from) else { return false }
    if let to, from == to { return true }
    return isAccount && (from == local.bare || from == local.server || from == local)
  }
}
