import Testing
import XMPP

@testable import Server

@Suite("Which part of the server a stanza is for")
struct StanzaTopicTests {
  private static func stanza(_ name: String, _ type: String? = nil, _ payloads: [(String, String)] = []) -> StanzaTopic
  {
    var stanza = XMLElement(
      name, namespace: Namespace.client, children: payloads.map { .element(XMLElement($0.0, namespace: $0.1)) })
    stanza["type"] = type
    return StanzaTopic(stanza)
  }

  @Test("a Jingle request, its answer, its messages and their receipts are of a call")
  func call() {
    #expect(Self.stanza("iq", "set", [("jingle", "urn:xmpp:jingle:1")]) == .call)
    #expect(Self.stanza("iq", "result") == .call && Self.stanza("iq", "error") == .call)
    for name in ["propose", "proceed", "reject", "retract", "finish", "ringing"] {
      #expect(Self.stanza("message", "chat", [(name, "urn:xmpp:jingle-message:0")]) == .call)
    }
    #expect(Self.stanza("message", nil, [("received", "urn:xmpp:receipts")]) == .call)
    #expect(Self.stanza("message", "error", [("propose", "urn:xmpp:jingle-message:0")]) == .call)
    // Clients put a hint, or words for those who know no calls, before it.
    #expect(
      Self.stanza("message", nil, [("store", "urn:xmpp:hints"), ("propose", "urn:xmpp:jingle-message:0")]) == .call)
  }

  @Test("a message that asks for a receipt is chat like any other")
  func chat() {
    #expect(Self.stanza("message", "chat", [("body", Namespace.client), ("request", "urn:xmpp:receipts")]) == .chat)
    #expect(Self.stanza("message") == .chat)
  }

  @Test("presence of any kind is presence", arguments: [nil, "subscribe", "unavailable", "error"])
  func presence(type: String?) {
    #expect(Self.stanza("presence", type) == .presence)
  }

  @Test("whatever else is asked may be a command")
  func command() {
    #expect(Self.stanza("iq", "set", [("command", "http://jabber.org/protocol/commands")]) == .command)
    #expect(Self.stanza("iq", "get", [("query", "http://jabber.org/protocol/disco#items")]) == .command)
  }
}
