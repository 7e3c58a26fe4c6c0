import Jingle
import NIOCore
import XMPP

/// cam@example.org/pi and ann@example.net/phone, session s1, in virtual time.
struct JingleScene {
  enum State: CaseIterable {
    case proposed, offered, answered
    case called, proceeded
  }

  static let namespace = "urn:xmpp:jingle:1"
  static let phone = jid("ann@example.net/phone")
  static let local = jid("cam@example.org/pi")

  private var call: any JingleCall
  /// Whether our owner has said nothing to a call that comes in: an offer waits for him.
  private let isUndecided: Bool
  private var now = NIODeadline.fuzzStart

  init(_ state: State) {
    isUndecided = state == .called
    switch state {
    case .proposed, .offered, .answered:
      var call = OutgoingCall(sid: "s1", local: Self.local, peer: Self.phone.bare, media: [.video])
      call.propose(now: now)
      if state != .proposed {
        _ = call.receive(Self.message(.proceed), now: now)
        call.initiate(contents: Self.contents, now: now)
      }
      if state == .answered {
        let answer = Jingle(action: .sessionAccept, sid: "s1", contents: Self.contents)
        _ = call.receive(Self.iq(answer), now: now)
      }
      self.call = call
    case .called, .proceeded:
      guard var call = IncomingCall(opening: Self.message(.propose([.video])), local: Self.local, now: now) else {
        fatalError("no call")
      }
      if state == .proceeded { call.answer(now: now) }
      self.call = call
    }
    _ = sent()
  }

  mutating func receive(_ stanza: XMLElement) {
    now = now + .seconds(1)
    let isTaken = call.receive(stanza, now: now)
    check(isTaken ? sent() : IncomingRefusal.answers(to: stanza, isTrusted: true), to: stanza, isTaken)
    var call = call
    while let event = call.pollEvent() {
      if case .offered(let contents, let group) = event, var incoming = call as? IncomingCall {
        incoming.accept(contents: contents, group: group, now: now)
        call = incoming
      }
    }
    self.call = call
    _ = sent()
    self.call.handleTimeout(now: now)
    _ = sent()
  }

  /// A call that begins with this, where it does.
  static func open(by stanza: XMLElement) {
    guard var call = IncomingCall(opening: stanza, local: local, now: .fuzzStart) else { return }
    call.answer(now: .fuzzStart)
    while let event = call.pollEvent() {
      if case .offered(let contents, let group) = event {
        call.accept(contents: contents, group: group, now: .fuzzStart)
      }
    }
    call.terminate(Reason(.success), now: .fuzzStart)
    while call.pollTransmit() != nil {}
  }

  /// RFC 6120 section 8.2.3: "An entity that receives an IQ request of type "get" or "set" MUST reply".
  private func check(_ answers: [XMLElement], to stanza: XMLElement, _ isTaken: Bool) {
    let isRequest = stanza.is("iq", "jabber:client") && stanza["type"] == "set"
    guard isRequest, stanza.first("jingle", Self.namespace) != nil else { return }
    let replies = answers.count { $0.is("iq", "jabber:client") && ["result", "error"].contains($0["type"]) }
    require(replies == 1 || replies == 0 && isTaken && isUndecided, "\(replies) replies to \(stanza)")
  }

  private mutating func sent() -> [XMLElement] {
    var stanzas: [XMLElement] = []
    while let stanza = call.pollTransmit() { stanzas.append(stanza) }
    return stanzas
  }

  private static func jid(_ text: String) -> JID {
    guard let jid = try? JID(text) else { fatalError(text) }
    return jid
  }

  private static func message(_ kind: JingleMessage.Kind) -> XMLElement {
    var stanza = JingleMessage(id: "s1", kind).stanza(to: local)
    stanza["from"] = phone.description
    return stanza
  }

  private static func iq(_ jingle: Jingle) -> XMLElement {
    XMLElement(
      "iq", namespace: "jabber:client",
      attributes: ["from": phone.description, "to": local.description, "id": "a", "type": "set"],
      children: [.element(jingle.element)])
  }

  private static let contents = [
    Content(
      creator: .initiator, name: "0", senders: .initiator,
      description: RTPDescription(
        media: .video, payloadTypes: [.init(id: 96, name: "VP8", clockRate: 90_000)], rtcpMux: true),
      transport: ICEUDPTransport(
        usernameFragment: "abcd", password: "abcdefghijklmnopqrstuv",
        fingerprint: DTLSFingerprint(
          hash: "sha-256", setup: .active, text: (0..<32).map { _ in "AB" }.joined(separator: ":")),
        candidates: []))
  ]
}
