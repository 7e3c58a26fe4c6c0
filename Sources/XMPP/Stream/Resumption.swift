import NIOCore

/// The state of an interrupted stream, with which another connection can resume it (XEP-0198 section 5).
package struct Resumption: Sendable {
  package let management: StreamManagement
  package let session: ClientSession
  /// The stanzas that were to be sent since the interruption, in order.
  package private(set) var waiting: [XMLElement] = []
  private let expiry: NIODeadline?

  /// Returns nil if the server does not allow the stream to be resumed.
  ///
  /// - Parameter now: the time of the interruption.
  package init?(_ management: StreamManagement, _ session: ClientSession, now: NIODeadline) {
    guard management.id != nil else { return nil }
    self.management = management
    self.session = session
    expiry = management.maximumAge.map { now + $0 }
  }

  /// The full JID of the stream.
  package var jid: JID { session.jid }

  /// Whether the server may still have the stream: the state "MAY be discarded" after the time that the server stated
  /// (XEP-0198 section 4).
  package func isPossible(now: NIODeadline) -> Bool {
    expiry.map { now < $0 } ?? true
  }

  /// Keeps a stanza until the resumption; returns false if too many are waiting already.
  package mutating func keep(_ stanza: XMLElement) -> Bool {
    guard management.unacknowledged.count + waiting.count < StreamManagement.maximumUnacknowledged else { return false }
    waiting.append(stanza)
    return true
  }

  /// Returns what to send in the next session. After a resumption that is everything that waited. In a new session with
  /// the same address it is the stanzas for other users, after those that were `lost` with the stream. With another
  /// address it is nothing, since the recipients would not know the sender.
  package func pending(isResumed: Bool, jid: JID, lost: [XMLElement]) -> [XMLElement] {
    if isResumed { return waiting }
    return jid == self.jid ? lost + waiting.filter(StreamManagement.outlivesStream) : []
  }
}
