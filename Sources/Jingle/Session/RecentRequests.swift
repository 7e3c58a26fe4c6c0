import XMPP

/// The last requests and their responses. A request that is delivered twice, as after a resumption (XEP-0198), gets the
/// same response and has its effect once.
struct RecentRequests: Sendable {
  static let capacity = 32

  private var entries: [(digest: Int, reply: StanzaReply)] = []
  private var oldest = 0

  /// Returns the response that this very stanza got.
  func reply(to request: XMLElement) -> StanzaReply? {
    // Identifiers would suffice for most peers, but some count from 1 in every session. Swift's hash has a new key in
    // every process, so that a peer cannot cause collisions.
    let digest = request.hashValue
    return entries.first { $0.digest == digest }?.reply
  }

  mutating func remember(_ request: XMLElement, _ reply: StanzaReply) {
    let entry = (digest: request.hashValue, reply: reply)
    if entries.count < Self.capacity {
      entries.append(entry)
    } else {
      entries[oldest] = entry
      oldest = (oldest + 1) % Self.capacity
    }
  }
}
