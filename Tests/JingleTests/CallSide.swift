import Jingle
import NIOCore
import XMPP

/// One side of a call in a test, in virtual time. The other is the phone ann@example.net/phone, session s1.
protocol CallSide: AnyObject {
  associatedtype Call: JingleCall
  var call: Call { get set }
  var now: NIODeadline { get set }
  /// The requests of the phone so far.
  var requestCount: Int { get set }
}

extension CallSide {
  @discardableResult
  func receive(_ stanza: XMLElement) -> Bool {
    call.receive(stanza, now: now)
  }

  /// A request of the phone, with an id of its own.
  @discardableResult
  func request(
    _ action: JingleAction, contents: [Content] = [], reason: Reason? = nil, info: SessionInfo? = nil,
    sid: String = "s1", from: String = Caller.phone
  ) -> Bool {
    requestCount += 1
    let jingle = Jingle(action: action, sid: sid, contents: contents, reason: reason, info: info)
    return receive(Caller.iq(jingle.element, id: "ann-\(requestCount)", from: from))
  }

  func wait(_ time: TimeAmount) {
    now = now + time
    call.handleTimeout(now: now)
  }

  /// Everything sent since the last time.
  func sent() -> [XMLElement] {
    var stanzas: [XMLElement] = []
    while let stanza = call.pollTransmit() { stanzas.append(stanza) }
    return stanzas
  }

  /// Everything told since the last time.
  func told() -> [CallEvent] {
    var events: [CallEvent] = []
    while let event = call.pollEvent() { events.append(event) }
    return events
  }

  func discard() {
    _ = sent()
    _ = told()
  }
}
