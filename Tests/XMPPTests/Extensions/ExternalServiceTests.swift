import NIOCore
import Testing

@testable import XMPP

@Suite("External service discovery, XEP-0215")
struct ExternalServiceTests {
  func services(_ text: String) throws -> [ExternalService] {
    let result = "<iq type='result'><services xmlns='urn:xmpp:extdisco:2'>\(text)</services></iq>"
    guard case .stanza(let stanza) = XMLStreamParserTests.body(result).first else {
      Issue.record("no stanza")
      return []
    }
    return ExternalService.parse(stanza)
  }

  @Test("STUN and TURN services are read with their credentials")
  func parse() throws {
    let parsed = try services(
      "<service type='stun' transport='udp' host='turn.example.org' port='3478'/>"
        + "<service type='turns' transport='tcp' host='192.0.2.1' port='5349' username='u' password='p' "
        + "expires='2026-01-01T00:00:00Z' restricted='1'/><service type='turn' host='h'/>")
    #expect(parsed.map(\.type) == ["stun", "turns", "turn"])
    #expect(parsed[0].port == 3478 && parsed[0].username == nil && parsed[0].transport == "udp")
    #expect(parsed[1].password == "p" && parsed[1].expires == "2026-01-01T00:00:00Z")
    #expect(parsed[2].port == nil)
  }

  @Test("malformed services are left out")
  func malformed() throws {
    #expect(
      try services(
        "<service type='stun'/><service host='h'/><service type='stun' host=''/><service type=' ' host='h'/>"
          + "<service type='stun' host='h' port='65536'/><service type='stun' host='h' port='-1'/>"
          + "<service type='stun' host='h' port='0'/><service type='stun' host='h' port='x'/>"
          + "<service type='stun' host='.'/><service type='stun' host='[]'/>"
          + "<service type='turn' host='h' action='delete'/><service type='turn' host='h' action='Remove'/>"
      ).isEmpty)
    #expect(ExternalService.parse(XMLElement("iq", namespace: Namespace.client)).isEmpty)
  }

  @Test("deviating spellings of servers are read")
  func spelling() throws {
    let parsed = try services(
      "<service type='TURN' transport='UDP' host=' turn.example.org. ' port=' 3478 '/>"
        + "<service type=' Turns' transport='' host='[2001:db8::1]' port='+05349' restricted='True'/>"
        + "<service type='stun' transport=' udp ' host='2001:db8::1' port=''/>")
    #expect(parsed.map(\.type) == ["turn", "turns", "stun"])
    #expect(parsed.map(\.transport) == ["udp", nil, "udp"])
    #expect(parsed.map(\.host) == ["turn.example.org", "2001:db8::1", "2001:db8::1"])
    #expect(parsed.map(\.port) == [3478, 5349, nil])
    #expect(parsed.map(\.isRestricted) == [false, true, false])
  }

  @Test("the first valid ones of a thousand services are read")
  func limit() throws {
    let many =
      String(repeating: "<service type='stun'/>", count: 100)
      + (0..<1000).map { "<service type='stun' host='h\($0)'/>" }.joined()
    let parsed = try services(many)
    #expect(parsed.count == ExternalService.limit && parsed.last?.host == "h63")
  }

  // MARK: Credentials

  /// What `services` lacks, and what it is after the server answered with `credentials`.
  private func credentials(
    of list: String, _ credentials: String = ""
  ) throws -> (requests: [XMLElement], services: [ExternalService]) {
    var services = try services(list)
    let requests = try ExternalService.lackingCredentials(among: services).map {
      $0.credentialsRequest(id: "1", to: try JID("shakespeare.lit"))
    }
    let answer = try Fixture.parse(
      "<iq type='result'><credentials xmlns='urn:xmpp:extdisco:2'>\(credentials)</credentials></iq>")
    for index in services.indices { services[index].takeCredentials(from: answer) }
    return (requests, services)
  }

  @Test("credentials of a restricted service are requested in the server's own terms (section 3.3)")
  func restricted() throws {
    let (requests, services) = try credentials(
      of: "<service type='turn' host='turn.shakespeare.lit.' port='9999' transport='udp' restricted='1'/>",
      "<service host='turn.shakespeare.lit.' type='turn' password='jj929' username='nb78' "
        + "expires='2026-01-01T00:00:00Z'/>")
    #expect(
      requests == [
        try Fixture.parse(
          "<iq id='1' to='shakespeare.lit' type='get'><credentials xmlns='urn:xmpp:extdisco:2'>"
            + "<service host='turn.shakespeare.lit.' type='turn' port='9999'/></credentials></iq>")
      ])
    #expect((services[0].username, services[0].password) == ("nb78", "jj929"))
    #expect(services[0].expiresAt == 1_767_225_600 && services[0].port == 9999)
  }

  @Test("credentials are not requested if they are known, if another relay has them, or for other services")
  func needless() throws {
    let turn = "<service type='turn' host='h' restricted='1' username='u' password='p'/>"
    #expect(try credentials(of: turn).requests.isEmpty)
    #expect(try credentials(of: "<service type='stun' host='h' restricted='1'/>").requests.isEmpty)
    #expect(try credentials(of: turn + "<service type='turns' host='H'/>").requests.isEmpty)
    #expect(try credentials(of: turn + "<service type='turns' host='h' restricted='1'/>").requests.count == 1)
    #expect(try credentials(of: "<service type='turns' host='h'/>").requests.count == 1)
    // Transports are no part of what a service is known by.
    let twice = ["udp", "tcp"].map { "<service type='turn' host='h' transport='\($0)' restricted='1'/>" }.joined()
    #expect(try credentials(of: twice).requests.count == 1)
    let many = (0..<50).map { "<service type='turn' host='h\($0)' restricted='1'/>" }.joined()
    #expect(try credentials(of: many).requests.count == ExternalService.credentialsLimit)
  }

  @Test("credentials are taken from the same service, preferably with the same transport")
  func answers() throws {
    let asked = "<service type='turn' host='h' port='1' transport='tcp' restricted='1'/>"
    for other in [
      "type='turns' host='h'", "type='turn' host='i'", "type='turn' host='h' port='2'",
    ] {
      let services = try credentials(of: asked, "<service \(other) username='u' password='p'/>").services
      #expect(services[0].username == nil)
    }
    let incomplete = try credentials(of: asked, "<service type='turn' host='h' username='u'/>").services
    #expect(incomplete[0].username == nil)
    let services = try credentials(
      of: asked,
      "<service type='turn' host='H' port='1' transport='udp' username='a' password='p'/>"
        + "<service type='turn' host='h' port='1' transport='tcp' username='b' password='p'/>"
    ).services
    #expect(services[0].username == "b")
    let kept = try credentials(
      of: "<service type='turn' host='h' username='mine' password='p'/>",
      "<service type='turn' host='h' username='a' password='p'/>"
    ).services
    #expect(kept[0].username == "mine")
  }

  @Test(
    "the expiry of credentials is read in all formats that servers write",
    arguments: [
      "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z", "2026-01-01T01:00:00+01:00", " 2026-01-01T00:00:00Z ",
      "2026-01-01 00:00:00Z", "2026-01-01t00:00:00z", "2026-01-01T00:00:00", "2026-01-01T00:00:00.123456",
      "2026-01-01T01:00:00+0100", "2025-12-31T19:00:00.5-0500", "1767225600",
    ])
  func expiry(text: String) throws {
    #expect(try services("<service type='turn' host='h' expires='\(text)'/>").first?.expiresAt == 1_767_225_600)
  }

  @Test(
    "a malformed expiry yields nil",
    arguments: [
      "", "soon", "86400", "2026-01-01", "-1767225600", "2026-01-01T00:00:00+1", "2026-13-01T00:00:00",
      "99999999999999999999", "2026-01-01T00:00:00+ab:cd", String(repeating: "1", count: 1000),
    ])
  func noExpiry(text: String) throws {
    let service = try #require(try services("<service type='turn' host='h' expires='\(text)'/>").first)
    #expect(service.expiresAt == nil)
  }
}
