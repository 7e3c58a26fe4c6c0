import NIOCore

/// The requests that wait for an answer, RFC 6120 section 8.2.3; `Context` is whatever the asker wants back.
///
/// An answer counts only from whom it was asked: its `from` must fit, or anyone who guesses an id could answer.
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

  /// The context of the request that this result or error answers; nil where it answers none.
  package mutating func receive(_ stanza: XMLElement) -> Context? {
    guard stanza.iqType == .result || stanza.iqType == .error, let id = stanza["id"], let request = requests[id],
      isFitting(stanza["from"], for: request.to)
    else { return nil }
    requests[id] = nil
    return request.context
  }

  /// Removes and returns what was not answered in time.
  package mutating func handleTimeout(now: NIODeadline) -> [Context] {
    let expired = requests.filter { $0.value.deadline <= now }
    for id in expired.keys { requests[id] = nil }
    return expired.sorted { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }.map(\.value.context)
  }

  package mutating func removeAll() -> [Context] {
    defer { requests.removeAll() }
    return requests.values.map(\.context)
  }

  /// RFC 6120 sections 8.1.2.1 and 10.3.3: what the server says for our account comes without `from` or from our bare
  /// JID; older servers put their own name, or our full JID as the recipient's. All others must be who was asked.
  private func isFitting(_ from: String?, for to: JID?) -> Bool {
    let isAccount = to == nil || to == local.bare
    guard let from else { return isAccount || to == local.server }
    guard let from = try? JID(from) else { return false }
    if let to, from == to { return true }
    return isAccount && (from == local.bare || from == local.server || from == local)
  }
}
