import Jingle
import Testing
import XMPP

@Suite("Stored and copied stanzas have no effect")
struct StoredStanzaTests {
  static let kinds: [JingleMessage.Kind] = [
    .ringing, .proceed, .reject(Reason(.busy), tieBreak: false), .finish(nil, migratedTo: nil), .propose([.video]),
  ]

  /// Of XEP-0203, and of XEP-0091, which was before it.
  static let stamps = [
    XMLElement("delay", namespace: "urn:xmpp:delay", attributes: ["stamp": "2026-01-01T00:00:00Z"]),
    XMLElement("x", namespace: "jabber:x:delay", attributes: ["stamp": "20260101T00:00:00"]),
  ]

  @Test("a message with a delay stamp has no effect", arguments: kinds, stamps)
  func delayed(kind: JingleMessage.Kind, stamp: XMLElement) throws {
    let caller = try Caller.proposed()
    #expect(!caller.receive(try Caller.message(kind, id: "s1").adding(stamp)))
    #expect(caller.told().isEmpty && caller.sent().isEmpty && caller.call.state == .proposed)
  }

  @Test("a receipt with a delay stamp has no effect", arguments: stamps)
  func delayedReceipt(stamp: XMLElement) throws {
    let caller = try Caller.proposed()
    caller.receive(try Fixture.stanza("receipt").with("from", Caller.phone).adding(stamp))
    #expect(caller.told().isEmpty)
  }

  @Test("the content of a carbon (XEP-0280) has no effect, whoever sent it", arguments: kinds)
  func carbon(kind: JingleMessage.Kind) throws {
    for wrapper in ["received", "sent"] {
      for from in ["cam@example.org", "ann@example.net", Caller.phone] {
        let caller = try Caller.proposed()
        let inner = try Caller.message(kind)
        let forwarded = XMLElement("forwarded", namespace: "urn:xmpp:forward:0", children: [.element(inner)])
        let carbon = XMLElement(wrapper, namespace: "urn:xmpp:carbons:2", children: [.element(forwarded)])
        let message = XMLElement(
          "message", namespace: "jabber:client", attributes: ["from": from, "to": Caller.local],
          children: [.element(carbon)])
        #expect(!caller.receive(message))
        #expect(caller.told().isEmpty && caller.sent().isEmpty)
      }
    }
  }

  @Test("a group chat message is no answer")
  func groupchat() throws {
    let caller = try Caller.proposed()
    #expect(!caller.receive(try Caller.message(.proceed).with("type", "groupchat")))
    #expect(caller.told().isEmpty)
  }
}
