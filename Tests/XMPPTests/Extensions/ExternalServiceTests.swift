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

  @Test("reads STUN and TURN with credentials")
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

  @Test("leaves out what is no service")
  func malformed() throws {
    #expect(
      try services(
        "<service type='stun'/><service host='h'/><service type='stun' host=''/>"
          + "<service type='stun' host='h' port='65536'/><service type='stun' host='h' port='-1'/>"
          + "<service type='stun' host='h' port=''/><service type='turn' host='h' action='delete'/>"
      ).isEmpty)
    #expect(ExternalService.parse(XMLElement("iq", namespace: Namespace.client)).isEmpty)
  }
}
