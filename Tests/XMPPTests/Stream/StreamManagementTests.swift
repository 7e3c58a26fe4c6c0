import NIOCore
import Testing

@testable import XMPP

@Suite("Acknowledgements of a stream, XEP-0198 sections 3 to 5")
struct StreamManagementTests {
  static func message(_ id: Int) -> XMLElement {
    XMLElement("message", namespace: Namespace.client, attributes: ["id": "\(id)", "to": "ann@example.net/x"])
  }

  static func enabled() throws -> StreamManagement {
    var management = StreamManagement()
    management.enabled(try Fixture.element("sm-enabled"))
    return management
  }

  static func ack(_ h: String) -> XMLElement {
    XMLElement("a", namespace: StreamManagement.namespace, attributes: ["h": h])
  }

  func ids(_ stanzas: some Sequence<XMLElement>) -> [String?] { stanzas.map { $0["id"] } }

  @Test("the identifier and the time of <enabled/> are stored")
  func enabling() throws {
    #expect(
      String(buffer: XMLWriter.bytes(of: StreamManagement.enable)) == "<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
    let management = try Self.enabled()
    #expect(management.id == "some-long-sm-id" && management.maximumAge == .seconds(600))
    var plain = StreamManagement()
    plain.enabled(try Fixture.element("sm-enabled-only"))
    #expect(plain.id == nil && plain.resume == nil)
  }

  @Test(
    "an invalid identifier, or one without permission to resume, is ignored",
    arguments: [
      ("", "true"), (String(repeating: "x", count: 4001), "true"), ("id", "false"), ("id", "yes"), ("id", ""),
    ])
  func unusableID(_ id: String, _ resume: String) throws {
    var management = StreamManagement()
    management.enabled(
      XMLElement("enabled", namespace: StreamManagement.namespace, attributes: ["id": id, "resume": resume]))
    #expect(management.id == nil)
  }

  @Test("an invalid time is ignored", arguments: ["-1", "1.5", "soon", "4294967296", ""])
  func unusableMaximum(_ max: String) throws {
    var management = StreamManagement()
    management.enabled(
      XMLElement(
        "enabled", namespace: StreamManagement.namespace, attributes: ["id": "id", "resume": "1", "max": max]))
    #expect(management.id == "id" && management.maximumAge == nil)
  }

  @Test("a second <enabled/> changes nothing")
  func enabledTwice() throws {
    var management = try Self.enabled()
    var other = try Fixture.element("sm-enabled")
    other["id"] = "another"
    management.enabled(other)
    #expect(management.id == "some-long-sm-id")
  }

  @Test("the server is asked at the first stanza, and at later ones once it has answered")
  func requests() throws {
    var management = try Self.enabled()
    #expect(management.pollRequest() == nil)
    try management.send(Self.message(1))
    #expect(management.pollRequest() == (try Fixture.element("sm-r")))
    try management.send(Self.message(2))
    #expect(management.pollRequest() == nil)
    try management.acknowledge(try Fixture.element("sm-a"))
    #expect(ids(management.unacknowledged) == ["2"])
    #expect(management.pollRequest() != nil)
    try management.acknowledge(Self.ack("2"))
    #expect(management.unacknowledged.isEmpty && management.pollRequest() == nil)
  }

  @Test("a server that answers without acknowledging anything is not asked in a loop")
  func requestLoop() throws {
    var management = try Self.enabled()
    try management.send(Self.message(1))
    #expect(management.pollRequest() != nil)
    for _ in 0..<10 {
      try management.acknowledge(Self.ack("0"))
      #expect(management.pollRequest() == nil)
    }
    try management.send(Self.message(2))
    #expect(management.pollRequest() != nil)
  }

  @Test("nothing is asked before <enabled/>, and everything since <enable/> is counted")
  func beforeEnabled() throws {
    var management = StreamManagement()
    try management.send(Self.message(1))
    #expect(management.pollRequest() == nil)
    // Section 4: the server counts what it sends from its <enabled/>.
    management.handle()
    management.enabled(try Fixture.element("sm-enabled"))
    #expect(management.answer["h"] == "0")
    #expect(management.pollRequest() != nil)
    try management.acknowledge(Self.ack("1"))
    #expect(management.unacknowledged.isEmpty)
  }

  @Test(
    "a wrong or malformed acknowledgement is refused",
    arguments: [
      ("3", StreamManagementError.handledCountTooHigh(h: 3, sent: 2)),
      ("0", .handledCountTooHigh(h: 0, sent: 2)),
      ("4294967295", .handledCountTooHigh(h: 4_294_967_295, sent: 2)),
      ("4294967296", .malformed), ("-1", .malformed), ("+2", .malformed), ("", .malformed), (" 2", .malformed),
    ])
  func wrongCount(_ h: String, _ error: StreamManagementError) throws {
    var management = try Self.enabled()
    try management.send(Self.message(1))
    try management.send(Self.message(2))
    try management.acknowledge(Self.ack("1"))
    #expect(throws: error) { try management.acknowledge(Self.ack(h)) }
    #expect(throws: StreamManagementError.malformed) {
      try management.acknowledge(XMLElement("a", namespace: StreamManagement.namespace))
    }
    #expect(ids(management.unacknowledged) == ["2"])
  }

  @Test("both counters wrap after 2^32 - 1")
  func wrap() throws {
    var management = StreamManagement(handled: .max, acknowledged: .max - 1)
    management.enabled(try Fixture.element("sm-enabled"))
    #expect(management.answer["h"] == "4294967295")
    management.handle()
    #expect(management.answer["h"] == "0")
    for id in 1...3 { try management.send(Self.message(id)) }
    #expect(management.pollRequest() != nil)
    try management.acknowledge(Self.ack("4294967295"))
    try management.acknowledge(Self.ack("0"))
    #expect(ids(management.unacknowledged) == ["3"])
    #expect(throws: StreamManagementError.handledCountTooHigh(h: 2, sent: 1)) {
      try management.acknowledge(Self.ack("2"))
    }
  }

  @Test("the number of unacknowledged stanzas is bounded")
  func bound() throws {
    var management = try Self.enabled()
    for id in 0..<StreamManagement.maximumUnacknowledged { try management.send(Self.message(id)) }
    #expect(throws: StreamManagementError.tooManyUnacknowledged) { try management.send(Self.message(0)) }
    #expect(management.unacknowledged.count == StreamManagement.maximumUnacknowledged)
  }

  @Test("<resume/> states the handled stanzas, and <resumed/> those that have to be sent again")
  func resumption() throws {
    var management = try Self.enabled()
    management.handle()
    management.handle()
    for id in 1...3 { try management.send(Self.message(id)) }
    #expect(management.pollRequest() != nil)
    #expect(management.resume == (try Fixture.element("sm-resume")))
    try management.resumed(try Fixture.element("sm-resumed"))
    #expect(ids(management.unacknowledged) == ["2", "3"])
    // The answer to the former connection's request will never come.
    #expect(management.pollRequest() != nil)
  }

  @Test("a <resumed/> for another stream, or without a valid count, is refused")
  func wrongResumed() throws {
    var management = try Self.enabled()
    try management.send(Self.message(1))
    var resumed = try Fixture.element("sm-resumed")
    resumed["previd"] = "another"
    #expect(throws: StreamManagementError.malformed) { try management.resumed(resumed) }
    resumed = try Fixture.element("sm-resumed")
    resumed["h"] = nil
    #expect(throws: StreamManagementError.malformed) { try management.resumed(resumed) }
    resumed["h"] = "2"
    #expect(throws: StreamManagementError.handledCountTooHigh(h: 2, sent: 1)) { try management.resumed(resumed) }
  }

  @Test("the unhandled stanzas for other users are lost with a stream")
  func lost() throws {
    var management = try Self.enabled()
    try management.send(Self.message(1))
    try management.send(Self.message(2))
    try management.send(XMLElement("presence", namespace: Namespace.client, attributes: ["to": "ann@example.net"]))
    try management.send(.iq(.get, id: "3", XMLElement("query", namespace: Roster.namespace)))
    try management.send(.iq(.get, id: "4", to: try JID("example.org"), XMLElement("ping", namespace: Ping.namespace)))
    try management.send(.iq(.set, id: "5", to: try JID("ann@example.net/x"), XMLElement("jingle", namespace: "urn:j")))
    #expect(ids(management.lost()) == ["1", "2", "5"])
    #expect(ids(management.lost(try Fixture.element("sm-failed"))) == ["2", "5"])
    var lie = try Fixture.element("sm-failed")
    lie["h"] = "7"
    #expect(ids(management.lost(lie)) == ["1", "2", "5"])
  }
}
