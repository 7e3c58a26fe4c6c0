import NIOCore

/// The acknowledgements of a stream in both directions (XEP-0198 sections 3 to 5), from our `<enable/>` on.
///
/// It outlives its connection, so that another one can resume the stream. The server's `location` is ignored: DNS and
/// the user decide where we connect.
package struct StreamManagement: Sendable {
  package static let namespace = "urn:xmpp:sm:3"

  /// The most stanzas that may be unacknowledged. Since the server is asked after every stanza unless it owes an
  /// answer, there are usually a few. None can be dropped, because both sides count them; at the limit the stream ends.
  package static let maximumUnacknowledged = 512
  /// The greatest length of an identifier in bytes: "The SM-ID SHOULD NOT be longer than 4000 bytes" (XEP-0198 section
  /// 5).
  private static let maximumIDBytes = 4000

  /// The server's identifier of the stream; nil if the stream cannot be resumed.
  package private(set) var id: String?
  /// How long after an interruption the stream can be resumed, if the server states it.
  package private(set) var maximumAge: TimeAmount?
  package private(set) var unacknowledged = CircularBuffer<XMLElement>()
  private var isEnabled = false
  /// The two counters: "the value of 'h' shall be reset from 2^32-1 back to zero" (XEP-0198 section 4).
  private var handled: UInt32 = 0
  private var acknowledged: UInt32 = 0
  /// The number of stanzas sent when the server was last asked. There is no new request before new stanzas were sent.
  private var requested: UInt32 = 0
  private var isAwaitingAnswer = false

  private var sent: UInt32 { acknowledged &+ UInt32(unacknowledged.count) }

  package init() {}

  /// Makes a stream on which stanzas were already exchanged, for tests.
  init(handled: UInt32, acknowledged: UInt32) {
    self.handled = handled
    self.acknowledged = acknowledged
    requested = acknowledged
  }

  package static func isOffered(by features: XMLElement) -> Bool { features.first("sm", namespace) != nil }

  /// Whether half of the permitted stanzas are unacknowledged. The other half is reserved for stanzas that are not
  /// answers.
  var isCrowded: Bool { unacknowledged.count >= Self.maximumUnacknowledged / 2 }

  // MARK: Enabling, section 3

  package static let enable = XMLElement("enable", namespace: namespace, attributes: ["resume": "true"])

  /// Takes `<enabled/>`, after which the server counts the stanzas it sends.
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

  /// Keeps a stanza until it is acknowledged, to be sent now or after a resumption.
  ///
  /// - Throws: `StreamManagementError.tooManyUnacknowledged`.
  package mutating func send(_ stanza: XMLElement) throws(StreamManagementError) {
    guard unacknowledged.count < Self.maximumUnacknowledged else { throw .tooManyUnacknowledged }
    unacknowledged.append(stanza)
  }

  /// Returns the `<r/>` to send once everything else is written. Only one is unanswered at a time, and none follows
  /// without a new stanza, so that the server's answers cannot make us ask forever.
  package mutating func pollRequest() -> XMLElement? {
    guard isEnabled, !isAwaitingAnswer, !unacknowledged.isEmpty, requested != sent else { return nil }
    isAwaitingAnswer = true
    requested = sent
    return XMLElement("r", namespace: Self.namespace)
  }

  /// Counts a received stanza, which from now on is ours to handle.
  package mutating func handle() {
    if isEnabled { handled &+= 1 }
  }

  /// The answer to the server's `<r/>`.
  package var answer: XMLElement {
    XMLElement("a", namespace: Self.namespace, attributes: ["h": String(handled)])
  }

  /// Takes the server's `<a/>`.
  ///
  /// - Throws: `StreamManagementError`.
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
    // Swift would also accept "+1".
    guard let text = element["h"], text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
      return nil
    }
    return UInt32(text)
  }

  // MARK: Resumption, section 5

  /// The `<resume/>` element; nil if the server does not allow a resumption.
  package var resume: XMLElement? {
    id.map {
      XMLElement("resume", namespace: Self.namespace, attributes: ["previd": $0, "h": String(handled)])
    }
  }

  /// Takes `<resumed/>`, after which the unacknowledged stanzas have to be sent again.
  ///
  /// - Throws: `StreamManagementError`.
  package mutating func resumed(_ element: XMLElement) throws(StreamManagementError) {
    guard element["previd"] == id, let h = Self.count(element) else { throw .malformed }
    isAwaitingAnswer = false
    try acknowledge(h)
    requested = acknowledged
  }

  /// Returns the stanzas that are lost with the stream and are meaningful in a new one with the same address: those for
  /// other users.
  ///
  /// - Parameter failed: the server's `<failed/>`, which may tell how many unacknowledged stanzas it had received.
  package func lost(_ failed: XMLElement? = nil) -> [XMLElement] {
    var rest = self
    if let h = failed.flatMap(Self.count) { try? rest.acknowledge(h) }
    return rest.unacknowledged.filter(Self.outlivesStream)
  }

  /// Whether a stanza is meaningful in a new session. Presence and requests to the server are not: a new session begins
  /// with its own.
  package static func outlivesStream(_ stanza: XMLElement) -> Bool {
    stanza.name != "presence" && stanza.to?.local != nil
  }
}
