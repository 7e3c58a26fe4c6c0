import NIOCore

/// What is left of a stream that broke off, for another to resume it: XEP-0198 section 5.
package struct Resumption: Sendable {
  package let management: StreamManagement
  package let session: ClientSession
  /// What was to be sent since then, in order.
  package private(set) var waiting: [XMLElement] = []
  private let expiry: NIODeadline?

  /// Nil where the server does not let the stream be resumed. `now` is when it broke off.
  package init?(_ management: StreamManagement, _ session: ClientSession, now: NIODeadline) {
    guard management.id != nil else { return nil }
    self.management = management
    self.session = session
    expiry = management.maximumAge.map { now + $0 }
  }

  /// The full JID of the stream.
  package var jid: JID { session.jid }

  /// Section 4: state "MAY be discarded" after the time that the server gave.
  package func isPossible(now: NIODeadline) -> Bool {
    expiry.map { now < $0 } ?? true
  }

  /// Keeps a stanza for the time after the resumption; false where too many wait already.
  package mutating func keep(_ stanza: XMLElement) -> Bool {
    guard management.unacknowledged.count + waiting.count < StreamManagement.maximumUnacknowledged else { return false }
    waiting.append(stanza)
    return true
  }

  /// What to send in the session that came after: all that waited where the stream was resumed. In a new session under
  /// the same address, what is for other people, after the stanzas that were `lost` with the stream; under another
  /// address nothing, since nobody would know whom it is from.
  package func pending(isResumed: Bool, jid: JID, lost: [XMLElement]) -> [XMLElement] {
    if isResumed { return waiting }
    return jid == self.jid ? lost + waiting.filter(StreamManagement.outlivesStream) : []
  }
}
