import Testing

@testable import XMPP

@Suite("Asking others what they have, XEP-0030")
struct ServiceDiscoveryQueryTests {
  private func stanza(_ kind: String, _ content: String) throws -> XMLElement {
    let text = "<iq type='result'><query xmlns='http://jabber.org/protocol/disco#\(kind)'>\(content)</query></iq>"
    guard case .stanza(let stanza)? = XMLStreamParserTests.body(text).first else { throw NoStanza() }
    return stanza
  }

  private struct NoStanza: Error {}

  @Test("items that are entities are read, and malformed ones and nodes are left out")
  func items() throws {
    let content = "<item jid='upload.example.net'/><item jid='@'/><item/><item jid='example.net' node='x'/>"
    #expect(ServiceDiscovery.items(in: try stanza("items", content)) == [try JID("upload.example.net")])
    #expect(ServiceDiscovery.items(in: try stanza("info", content)).isEmpty)
  }

  @Test("the number of items is limited")
  func crowd() throws {
    let content = String(repeating: "<item jid='example.net'/>", count: 1_000)
    #expect(ServiceDiscovery.items(in: try stanza("items", content)).count == ServiceDiscovery.itemLimit)
  }
}
