import Jingle
import Testing
import XMPP

@Suite("Elements keep what they hold")
struct RoundTripTests {
  @Test("every test stanza is written as it was read, attribute by attribute", arguments: Fixture.names)
  func roundTrip(name: String) throws {
    let stanza = try Fixture.stanza(name)
    guard !["dino-", "movim-", "atalk-"].contains(where: name.hasPrefix) else { return }
    if let jingle = stanza.jingle {
      #expect(try Jingle(jingle).element == jingle)
    } else if let receipt = stanza.first("received", "urn:xmpp:receipts") {
      #expect(try DeliveryReceipt(receipt).element == receipt)
    } else {
      let message = try #require(stanza.elements.first { $0.namespace == "urn:xmpp:jingle-message:0" })
      var expected = message
      // XEP-0353 lets clients add to it; Conversations does.
      expected.children.removeAll { if case .element(let child) = $0 { child.name == "device" } else { false } }
      #expect(try JingleMessage(message).element == expected)
    }
  }

  @Test(
    "a stanza of Dino has the same value after it was written and read again",
    arguments: Fixture.names.filter { $0.hasPrefix("dino-") })
  func dino(name: String) throws {
    let stanza = try Fixture.stanza(name)
    if let element = stanza.jingle {
      let jingle = try Jingle(element)
      #expect(!jingle.contents.isEmpty)
      #expect(try Jingle(jingle.element) == jingle)
    } else {
      #expect(try JingleMessage(live: stanza)?.kind == .propose([.audio, .video]))
    }
  }

  @Test("the directory of test stanzas is not empty")
  func present() {
    #expect(Fixture.names.count >= 24)
  }

  @Test(
    "messages are addressed as clients expect",
    arguments: [
      ("propose", "ann@example.net"), ("ringing", "cam@example.org/pi"), ("accept", "cam@example.org"),
      ("reject", "cam@example.org/pi"), ("retract", "ann@example.net"), ("finish", "ann@example.net/phone"),
      ("reject-tie-break", "ann@example.net"), ("retract-tie-break", "ann@example.net"),
    ])
  func stanza(name: String, recipient: String) throws {
    let stanza = try Fixture.stanza(name)
    let message = try #require(try JingleMessage(live: stanza))
    #expect(message.stanza(to: try JID(recipient)) == stanza)
  }

  @Test("a receipt has the form that clients expect")
  func receipt() throws {
    let receipt = DeliveryReceipt(id: JingleMessage.proposeID(sid: "s1"))
    #expect(try receipt.stanza(to: JID("cam@example.org/pi")) == Fixture.stanza("receipt"))
  }
}
