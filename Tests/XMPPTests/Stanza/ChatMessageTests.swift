import Testing

@testable import XMPP

@Suite("Chat messages, RFC 6121 section 5.2")
struct ChatMessageTests {
  static let local = try? JID("cam@example.org/pi")

  private func message(_ text: String) throws -> ChatMessage? {
    ChatMessage(live: try Fixture.parse(text), local: try #require(Self.local))
  }

  private static let head = "<message from='ann@example.net/phone' type='chat'>"

  @Test("a message has a sender and a text, and its reply goes to the same device and thread")
  func reply() throws {
    let message = try #require(try message(Self.head + "<body>help</body><thread>t1</thread></message>"))
    #expect(message.from == (try JID("ann@example.net/phone")) && message.content == .text("help"))
    let expected = """
      <message to='ann@example.net/phone' type='chat'><body>a &lt; b</body><thread>t1</thread></message>
      """
    #expect(message.reply("a < b") == (try Fixture.parse(expected)))
    #expect(try self.message("<message from='ann@example.net'><body>help</body></message>")?.content == .text("help"))
  }

  @Test(
    "stored, copied, group chat, own and empty messages are ignored",
    arguments: [
      head + "<body>stop</body><delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/></message>",
      head + "<body>stop</body><x xmlns='jabber:x:delay' stamp='20260101T00:00:00'/></message>",
      "<message from='ann@example.net/p' type='groupchat'><body>stop</body></message>",
      "<message from='ann@example.net/p' type='error'><body>stop</body></message>",
      "<message from='room@example.org/ann'><body>stop</body><x xmlns='http://jabber.org/protocol/muc#user'/></message>",
      "<message from='ann@example.net/p' type='headline'><body>stop</body></message>",
      "<message from='cam@example.org/other' type='chat'><body>stop</body></message>",
      "<message from='cam@example.org' type='chat'><body>stop</body></message>",
      "<message from='example.net' type='chat'><body>stop</body></message>",
      "<message type='chat'><body>stop</body></message>",
      head + "</message>", head + "<body/></message>",
      head + "<received xmlns='urn:xmpp:receipts' id='1'/></message>",
      "<message from='cam@example.org'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
        + "<message xmlns='jabber:client' from='ann@example.net/p' type='chat'><body>stop</body></message></forwarded>"
        + "</received></message>",
      "<iq from='ann@example.net/p' type='set' id='1'><body>stop</body></iq>",
    ])
  func none(_ stanza: String) throws {
    #expect(try message(stanza) == nil)
  }

  @Test(
    "an encrypted message is recognized, whatever its body says",
    arguments: [
      "<encrypted xmlns='eu.siacs.conversations.axolotl'/><body>stop</body>",
      "<encrypted xmlns='urn:xmpp:omemo:2'/>",
      "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:openpgp:0'/><body>help</body>",
    ])
  func encrypted(_ payload: String) throws {
    #expect(try message(Self.head + payload + "</message>")?.content == .encrypted)
  }
}
