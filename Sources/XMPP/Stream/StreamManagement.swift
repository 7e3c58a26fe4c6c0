import NIOCore

/// The acknowledgements of one stream in both directions, XEP-0198 sections 3 to 5, from the `<enable/>` that we sent.
///
/// It outlives its connection, so that another may resume the stream. The server's `location` is not read: where we
/// connect is for DNS and the user to say.
package struct StreamManagement: Sendable {
  package static let namespace = "urn:xmpp:sm:3"

  /// Stanzas that may wait for the server: it is asked at every one while it owes us no answer, so a few are the rule.
  /// None of them can be dropped, since both sides count them; at the limit the stream ends.
  package static let maximumUnacknowledged = 512
  /// Section 5: "The SM-ID SHOULD NOT be longer than 4000 bytes."
  private static let maximumIDBytes = 4000

  /// What the server calls the stream where it may be resumed.
  package private(set) var id: String?
  /// How long after it broke off that may be, where the server says so.
  package private(set) var maximumAge: TimeAmount?
  package private(set) var unacknowledged = CircularBuffer<XMLElement>()
  private var isEnabled = false
  /// The two counters; section 4: "the value of 'h' shall be reset from 2^32-1 back to zero".
  private var handled: UInt32 = 0
  private var acknowledged: UInt32 = 0
  /// What had been sent when the server was last asked: each request has stanzas of its own to ask for.
  private var requested: UInt32 = 0
  private var isAwaitingAnswer = false

  private var sent: UInt32 { acknowledged &+ UInt32(unacknowledged.count) }

  package init() {}

  /// For tests: a stream that has seen so many stanzas each way.
  init(handled: UInt32, acknowledged: UInt32) {
    self.handled = handled
    self.acknowledged = acknowledged
    requested = acknowledged
  }

  package static func isOffered(by features: XMLElement) -> Bool { features.first("sm", namespace) != nil }

  /// Half of what may wait does; the other half is for what we say by ourselves.
  var isCrowded: Bool { unacknowledged.count >= Self.maximumUnacknowledged / 2 }

  // MARK: Enabling, section 3

  package static let enable = XMLElement("enable", namespace: namespace, attributes: ["resume": "true"])

  /// Reads `<enabled/>`, from which on the server counts what it sends.
  package mutating func enabled(_ element: XMLElement) {
    guard !isEnabled else { return }
    isEnabled = true
    guard element["resume"] == "true" || element["resume"] == "1", let id = element["id"],
      1...Self.maximumIDBytes ~= id.utf8.count
    else { return }
    self.id = id
    maximumAge = element["max"].flatMap(UInt32.init).map { .seconds(Int64($0)) }
  }

  // MARK: Acknowledgements, section 4

  /// Keeps a stanza until it is acknowledged; write it, or have it sent again after a resumption.
  package mutating func send(_ stanza: XMLElement) throws(StreamManagementError) {
    guard unacknowledged.count < Self.maximumUnacknowledged else { throw .tooManyUnacknowledged }
    unacknowledged.append(stanza)
  }

  /// The `<r/>` that is due once all else is written: one under way at a time, and none without a new stanza, so that a
  /// server's answers cannot make us ask for ever.
  package mutating func pollRequest() -> XMLElement? {
    guard isEnabled, !isAwaitingAnswer, !unacknowledged.isEmpty, requested != sent else { return nil }
    isAwaitingAnswer = true
    requested = sent
    return XMLElement("r", namespace: Self.namespace)
  }

  /// A stanza came, and is ours to handle now.
  package mutating func handle() {
    if isEnabled { handled &+= 1 }
  }

  /// The answer to the server's `<r/>`.
  package var answer: XMLElement {
    XMLElement("a", namespace: Self.namespace, attributes: ["h": String(handled)])
  }

  /// Reads the server's `<a/>`.
  package mutating func acknowledge(_ element: XMLElement) throws(StreamManagementError) {
    guard let h = Self.count(element) else { throw .malformed }
    isAwaitingAnswer = false
    try acknowledge(h)
  }

  private mutating func acknowledge(_ h: UInt32) throws(StreamManagementError) {
    let new = h &- acknowledged
    guard new <= UInt32(unacknowledged.count) else { throw .handledCountTooHigh(h: h, sent: sent) }
    unacknowledged.removeFirst(Int(new))
    acknowledged = h
  }

  private static func count(_ element: XMLElement) -> UInt32? {
    // Swift would read "+1" as well.
    guard let text = element["h"], text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
      return nil
    }
    return UInt32(text)
  }

  // MARK: Resumption, section 5

  /// `<resume/>`; nil where the server never said that the stream may be resumed.
  package var resume: XMLElement? {
    id.map {
      XMLElement("resume", namespace: Self.namespace, attributes: ["previd": $0, "h": String(handled)])
    }
  }

  /// Reads `<resumed/>`; what is unacknowledged after it is to be sent again.
  package mutating func resumed(_ element: XMLElement) throws(StreamManagementError) {
    guard element["previd"] == id, let h = Self.count(element) else { throw .malformed }
    isAwaitingAnswer = false
    try acknowledge(h)
    requested = acknowledged
  }

  /// The stanzas that get lost with the stream, and that make sense in a new one under the same address: what was for
  /// other people. `failed` may tell how many the server had taken of what it had not acknowledged.
  package func lost(_ failed: XMLElement? = nil) -> [XMLElement] {
    var rest = self
    if let h = failed.flatMap(Self.count) { try? rest.acknowledge(h) }
    return rest.unacknowledged.filter(Self.outlivesStream)
  }

  /// Presence and what was asked of the server belong to the session, and a new one begins with its own.
  package static func outlivesStream(_ stanza: XMLElement) -> Bool {
    stanza.name != "presence" && stanza.to?.local != nil
  }
}
