import Jingle
import NIOCore
import XMPP

/// The calling side of a test: cam@example.org/pi calls ann@example.net, session s1, in virtual time.
final class Caller: CallSide {
  static let local = "cam@example.org/pi"
  static let phone = "ann@example.net/phone"

  var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
  var call: OutgoingCall
  var requestCount = 0

  init(peer: String = "ann@example.net", sid: String = "s1", local: String = Caller.local, media: [Media] = [.video])
    throws
  {
    call = OutgoingCall(sid: sid, local: try JID(local), peer: try JID(peer), media: media)
  }

  // MARK: States to begin in; what was sent and told up to there is taken away

  static func proposed() throws -> Caller {
    let caller = try Caller()
    caller.call.propose(now: caller.now)
    caller.discard()
    return caller
  }

  static func proceeded() throws -> Caller {
    let caller = try proposed()
    caller.receive(try Fixture.stanza("proceed"))
    caller.discard()
    return caller
  }

  static func offered(_ change: (inout [Content]) -> Void = { _ in }) throws -> Caller {
    let caller = try proceeded()
    let offer = try Fixture.jingle("session-initiate")
    var contents = offer.contents
    change(&contents)
    caller.call.initiate(contents: contents, group: offer.groups.first, now: caller.now)
    caller.discard()
    return caller
  }

  static func answered() throws -> Caller {
    let caller = try offered()
    caller.receive(result(id: "s1-1"))
    caller.receive(try Fixture.stanza("session-accept"))
    caller.discard()
    return caller
  }

  // MARK: Stanzas

  static func iq(_ payload: XMLElement, id: String, type: String = "set", from: String = Caller.phone) -> XMLElement {
    XMLElement(
      "iq", namespace: "jabber:client", attributes: ["from": from, "to": local, "id": id, "type": type],
      children: [.element(payload)])
  }

  static func result(id: String, from: String = Caller.phone) -> XMLElement {
    XMLElement("iq", namespace: "jabber:client", attributes: ["from": from, "to": local, "id": id, "type": "result"])
  }

  static func error(id: String, _ condition: String, jingle: String? = nil, from: String = Caller.phone) -> XMLElement {
    result(id: id, from: from).with("type", "error").adding(errorElement(condition, jingle: jingle))
  }

  static func errorElement(_ condition: String, type: String = "cancel", jingle: String? = nil) -> XMLElement {
    var error = XMLElement("error", namespace: "jabber:client", attributes: ["type": type])
    error.append(XMLElement(condition, namespace: "urn:ietf:params:xml:ns:xmpp-stanzas"))
    if let jingle { error.append(XMLElement(jingle, namespace: "urn:xmpp:jingle:errors:1")) }
    return error
  }

  static func message(_ kind: JingleMessage.Kind, id: String = "s1", from: String = Caller.phone) throws -> XMLElement {
    JingleMessage(id: id, kind).stanza(to: try JID(local)).with("from", from)
  }
}

extension [XMLElement] {
  /// The actions of the requests among the stanzas.
  var actions: [String] { compactMap { $0.jingle?["action"] } }

  /// What each reply among the stanzas says: `result`, or the conditions of its error.
  var replies: [String] {
    filter { $0.name == "iq" && $0["type"] != "set" }.map { reply in
      let error = reply.first("error", "jabber:client")
      return error.map { $0.elements.map(\.name).joined(separator: " ") } ?? reply["type"] ?? ""
    }
  }

  /// What each error among the stanzas tells people.
  var texts: [String] {
    compactMap { stanza in
      stanza.first("error", "jabber:client")?.first("text", "urn:ietf:params:xml:ns:xmpp-stanzas")?.text
    }
  }

  /// The names of the Jingle messages among the stanzas.
  var messages: [String] {
    compactMap { $0.elements.first { $0.namespace == "urn:xmpp:jingle-message:0" }?.name }
  }
}
