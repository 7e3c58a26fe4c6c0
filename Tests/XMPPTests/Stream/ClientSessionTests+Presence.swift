import NIOCore
import Testing

@testable import XMPP

/// What a session tells of itself, and when what it is told was said.
extension ClientSessionTests {
  @Test("a changed presence or roster is announced, and nothing is announced before being online")
  mutating func announcing() throws {
    session = try Self.session(start, mayDiscover: { $0.domain == "example.net" })
    session.announce(status: "ready")
    #expect(sent().isEmpty)
    session.start(now: start)
    let online = try goOnline(Self.roster("", ("ann@example.net", "both")))
    #expect(online.map { $0.first("status", Namespace.client)?.text } == ["ready"])
    session.announce(status: "ready")
    #expect(sent().isEmpty)
    let shared = push(from: nil, Self.roster("", ("eve@evil.test", "from")))
    #expect(shared.map(\.name) == ["iq", "presence"] && shared.last?.children.isEmpty == true)
    var available = XMLElement("presence", namespace: Namespace.client)
    available["from"] = "ann@example.net/phone"
    session.receive(available, now: start)
    #expect(sent().map { $0["to"] } == ["ann@example.net/phone"])
    session.announce(status: "2 watching")
    #expect(sent().map { $0.first("status", Namespace.client)?.text } == ["2 watching"])
  }

  @Test("the stamp of a delayed stanza is removed by the server's clock, and that of a stored one is kept")
  mutating func stamps() throws {
    func message(_ stamp: String) -> XMLElement {
      let delay = XMLElement("delay", namespace: "urn:xmpp:delay", attributes: ["stamp": stamp])
      return XMLElement("message", namespace: Namespace.client, children: [.element(delay)])
    }
    session.start(now: start, wallClock: 0)
    let request = try #require(sent().last)
    session.receive(message("2026-01-01T12:59:57Z"), now: start + .seconds(3600))
    #expect(events() == [.stanza(message("2026-01-01T12:59:57Z"))])
    var answer = request.result(
      XMLElement(
        "time", namespace: EntityTime.namespace,
        children: [
          .element(XMLElement("utc", namespace: EntityTime.namespace, children: [.text("2026-01-01T12:00:00Z")]))
        ]))
    (answer["from"], answer["to"]) = ("example.org", nil)
    session.receive(answer, now: start)
    session.resume(now: start + .seconds(3600), wallClock: 0)
    session.receive(message("2026-01-01T12:59:57Z"), now: start + .seconds(3600))
    session.receive(message("2025-12-31T12:59:57Z"), now: start + .seconds(3600))
    #expect(
      events() == [
        .stanza(XMLElement("message", namespace: Namespace.client)), .stanza(message("2025-12-31T12:59:57Z")),
      ])
  }

  @Test("a session inherits the known time from the former session")
  mutating func inheritedTime() throws {
    var timeliness = Timeliness(start: start)
    timeliness.learn(serverTime: 1_767_268_800, requested: start)
    var configuration = ClientSession.Configuration(name: "a", version: "1", node: "urn:a", type: "pc", features: [])
    configuration.timeliness = timeliness
    var generator = SystemRandomNumberGenerator()
    let later = start + .seconds(3600)
    session = ClientSession(jid: session.jid, configuration, generator: &generator, now: later)
    session.start(now: later, wallClock: 0)
    let delay = XMLElement("delay", namespace: "urn:xmpp:delay", attributes: ["stamp": "2026-01-01T12:59:30Z"])
    session.receive(XMLElement("message", namespace: Namespace.client, children: [.element(delay)]), now: later)
    #expect(events() == [.stanza(XMLElement("message", namespace: Namespace.client))])
  }

  @Test("the presence contains a status text if there is one")
  func status() throws {
    var configuration = ClientSession.Configuration(name: "a", version: "1", node: "urn:a", type: "pc", features: [])
    #expect(configuration.presence.elements.map(\.name) == ["c"])
    configuration.status = "2 watching"
    #expect(configuration.presence.first("status", Namespace.client)?.text == "2 watching")
  }

  @Test("a quiet login answers requests, purges stored messages, and then becomes available")
  mutating func quiet() throws {
    var generator = SystemRandomNumberGenerator()
    var configuration = ClientSession.Configuration(name: "a", version: "1", node: "urn:a", type: "pc", features: [])
    configuration.quiet = QuietLogin(requests: [
      "eve@example.net": false, "ann@example.net": true, "♥@example.net": false,
    ])
    session = ClientSession(jid: session.jid, configuration, generator: &generator, now: start)
    session.start(now: start)
    let stanzas = sent()
    #expect(stanzas.map(\.name) == ["iq", "presence", "presence", "presence", "iq", "iq"])
    try #require(stanzas.count == 6)
    #expect(stanzas[1...3].map { $0["to"] } == ["ann@example.net", "eve@example.net", "♥@example.net"])
    #expect(stanzas[1...3].map { $0["type"] } == ["subscribed", "unsubscribed", "unsubscribed"])
    let purge = stanzas[4].first("offline", QuietLogin.offlineNamespace)
    #expect(purge?.elements.map(\.name) == ["purge"] && stanzas[4]["to"] == nil)
    var roster = XMLElement("iq", namespace: Namespace.client, attributes: ["type": "result"])
    roster["id"] = stanzas[0]["id"]
    session.receive(roster, now: start)
    let online = sent()
    #expect(online.map { $0.first("priority", Namespace.client)?.text } == ["-1", nil])
    #expect(online.allSatisfy { $0.name == "presence" && $0["type"] == nil && $0["to"] == nil })
    // Whatever comes of it: Prosody does not know how.
    var answer = XMLElement("iq", namespace: Namespace.client, attributes: ["type": "error"])
    answer["id"] = stanzas[4]["id"]
    session.receive(answer, now: start)
    #expect(events().isEmpty)
  }
}
