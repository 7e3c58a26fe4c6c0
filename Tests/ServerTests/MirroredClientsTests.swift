import Testing
import XMPP

@testable import Server

@Suite struct MirroredClientsTests {
  private let device: JID

  init() throws { device = try JID("ann@example.net/movim") }

  private func presence(_ type: String? = nil, from: JID, node: String?) -> XMLElement {
    var presence = XMLElement("presence", namespace: "jabber:client", attributes: ["from": from.description])
    presence["type"] = type
    if let node {
      presence.append(
        XMLElement(
          "c", namespace: "http://jabber.org/protocol/caps",
          attributes: ["hash": "sha-1", "node": node, "ver": "QgayPKawpkPSDYmwT/WM94uAlu0="]))
    }
    return presence
  }

  @Test("Movim is known by the node of its capabilities, on that device alone, until it goes")
  func movim() throws {
    var clients = MirroredClients()
    #expect(!clients.contains(device))
    clients.receive(presence(from: device, node: "https://movim.eu/"))
    #expect(clients.contains(device))
    #expect(!clients.contains(try JID("ann@example.net/phone")))
    clients.receive(presence("unavailable", from: device, node: "https://movim.eu/"))
    #expect(!clients.contains(device))
  }

  @Test("no other client is, nor one that took over the address", arguments: ["https://dino.im", nil])
  func others(_ node: String?) {
    var clients = MirroredClients()
    clients.receive(presence(from: device, node: "https://movim.eu/"))
    clients.receive(presence(from: device, node: node))
    #expect(!clients.contains(device))
  }

  @Test("one person with a thousand devices fills no memory, and the latest is known")
  func bound() throws {
    var clients = MirroredClients()
    let devices = try (0..<1000).map { try JID("ann@example.net/\($0)") }
    for device in devices {
      clients.receive(presence(from: device, node: "https://movim.eu/"))
      #expect(clients.contains(device))
    }
    #expect(devices.count(where: clients.contains) <= 256)
  }
}
