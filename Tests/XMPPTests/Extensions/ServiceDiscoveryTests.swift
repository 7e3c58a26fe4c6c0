import Testing

@testable import XMPP

@Suite("Service discovery and entity capabilities, XEP-0030 and XEP-0115")
struct ServiceDiscoveryTests {
  @Test("the verification string is that of XEP-0115 section 5.2")
  func verification() {
    let exodus = ServiceDiscovery(
      identities: [.init(category: "client", type: "pc", name: "Exodus 0.9.1")],
      features: [
        "http://jabber.org/protocol/muc", "http://jabber.org/protocol/caps",
        "http://jabber.org/protocol/disco#items", "http://jabber.org/protocol/disco#info",
      ], node: "http://code.google.com/p/exodus")
    #expect(exodus.verification == "QgayPKawpkPSDYmwT/WM94uAlu0=")
    #expect(exodus.capabilities["ver"] == "QgayPKawpkPSDYmwT/WM94uAlu0=")
  }

  @Test("an unknown node is an error unless it may be that of a command")
  func nodes() throws {
    var discovery = ServiceDiscovery(identities: [], features: [], node: "urn:x")
    for namespace in [ServiceDiscovery.infoNamespace, ServiceDiscovery.itemsNamespace] {
      let query = XMLElement("query", namespace: namespace, attributes: ["node": AdHocCommands.namespace])
      let request = XMLElement.iq(.get, id: "1", query)
      discovery.features = []
      #expect(discovery.answer(to: request).map(StanzaError.init)?.condition == .itemNotFound)
      discovery.features = [AdHocCommands.namespace]
      #expect(discovery.answer(to: request) == nil)
    }
  }
}
