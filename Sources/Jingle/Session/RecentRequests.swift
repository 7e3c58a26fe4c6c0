import XMPP

/// The last requests and what they were told, so that one that comes twice (XEP-0198 resumption repeats stanzas) gets
/// the same reply and takes effect once.
struct RecentRequests: Sendable {
  static let capacity = 32

  private var entries: [(digest: Int, reply: StanzaReply)] = []
  private var oldest = 0

  /// The reply that this very stanza got.
  func reply(to request: XMLElement) -> StanzaReply? {
    // Identifiers alone would do for honest peers, but some count from 1 in every session. Swift's hash is keyed anew
    // in every process, so a peer cannot aim for equal ones.
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
