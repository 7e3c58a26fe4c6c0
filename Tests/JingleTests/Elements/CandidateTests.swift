import Jingle
import Testing
import XMPP

@Suite("Candidates of a transport")
struct CandidateTests {
  private static let plain = ICEUDPTransport.Candidate(
    id: "a", foundation: "1", ip: "192.0.2.1", port: 8998, priority: 2_130_706_431, kind: .host,
    relatedAddress: "10.0.0.1", relatedPort: 7)

  /// A candidate with this attribute changed, between two that are as they should be.
  private func parse(_ attribute: String, _ value: String?) throws -> ICEUDPTransport {
    var transport = ICEUDPTransport(usernameFragment: "u", password: "p", candidates: [Self.plain]).element
    transport.append(Self.plain.element.with(attribute, value))
    transport.append(Self.plain.element)
    return try ICEUDPTransport(transport)
  }

  @Test(
    "a candidate without a valid address, port or component is left out alone",
    arguments: [
      ("ip", nil), ("ip", " "), ("port", nil), ("port", ""), ("port", "65536"), ("port", "-1"), ("port", "5e3"),
      ("port", "８９９８"), ("port", "89 98"), ("component", "rtp"), ("component", "-1"),
    ] as [(String, String?)])
  func unusable(attribute: String, value: String?) throws {
    let transport = try parse(attribute, value)
    #expect(transport.candidates == [Self.plain, Self.plain])
    let isMissing = value == nil || attribute == "ip"
    #expect(
      transport.skipped == [
        isMissing ? .missingAttribute(attribute, of: "candidate") : .malformedAttribute(attribute, of: "candidate")
      ])
  }

  @Test(
    "numbers with white space, signs and leading zeros, and values in other letter case are read",
    arguments: [
      ("port", " 8998 "), ("port", "+8998"), ("port", "0008998"), ("port", "\t8998\n"), ("priority", " 2130706431"),
      ("component", " 1"), ("component", "01"), ("ip", " 192.0.2.1 "), ("protocol", "UDP"), ("protocol", " udp "),
      ("protocol", nil), ("type", "HOST"), ("type", " host "), ("component", nil), ("foundation", " 1 "),
      ("rel-addr", " 10.0.0.1"), ("rel-port", " 7"),
    ] as [(String, String?)])
  func spelling(attribute: String, value: String?) throws {
    #expect(try parse(attribute, value).candidates == [Self.plain, Self.plain, Self.plain])
  }

  typealias Change = @Sendable (inout ICEUDPTransport.Candidate) -> Void
  static let needlessAttributes: [(String, [String?], Change)] = [
    ("id", [nil], { $0.id = "" }),
    ("generation", [nil, "", "x", "-1", "65536"], { $0.generation = 0 }),
    ("network", [nil, "", "wlan0", "-1", "4294967296"], { $0.network = 0 }),
    ("rel-addr", [nil, ""], { $0.relatedAddress = nil }),
    ("rel-port", [nil, "", "x", "99999"], { $0.relatedPort = nil }),
    ("foundation", [nil, "", " "], { $0.foundation = "192.0.2.1" }),
    ("priority", [nil, "", "x", "-1", "4294967296", "2.1e9"], { $0.priority = nil }),
    // RFC 8839 section 5.1 leaves room for types to come.
    ("type", [nil, "", "martian"], { $0.kind = .host }),
  ]

  @Test("attributes that a check does not need never invalidate a candidate", arguments: needlessAttributes)
  func needless(attribute: String, values: [String?], change: Change) throws {
    var expected = Self.plain
    change(&expected)
    for value in values {
      let transport = try parse(attribute, value)
      #expect(transport.candidates == [Self.plain, expected, Self.plain] && transport.skipped.isEmpty)
    }
  }

  @Test("candidates of other components and protocols, and with host names, are kept")
  func others() throws {
    #expect(try parse("component", "2").candidates[1].component == 2)
    #expect(try parse("protocol", "ssltcp").candidates[1].transportProtocol == "ssltcp")
    #expect(try parse("ip", "2c7e.local").candidates[1].ip == "2c7e.local")
  }

  @Test("only the first of too many candidates are kept")
  func crowd() throws {
    let crowd = Array(repeating: Self.plain, count: ICEUDPTransport.candidateLimit + 1)
    let transport = try ICEUDPTransport(ICEUDPTransport(candidates: crowd).element)
    #expect(transport.candidates == crowd.dropLast())
    #expect(transport.skipped == [.tooMany("candidate", of: "transport")])
  }

  @Test("white space around credentials is ignored, and empty ones count as missing")
  func credentials() throws {
    let transport = ICEUDPTransport(usernameFragment: "u", password: "p").element
    #expect(try ICEUDPTransport(transport.with("ufrag", " u").with("pwd", "p\n")) == ICEUDPTransport(transport))
    #expect(try ICEUDPTransport(transport.with("pwd", " ")).password == nil)
  }

  @Test(
    "a transport-info of Movim with unknown attributes and without id and network is read")
  func movim() throws {
    let transport = try #require(try Fixture.jingle("movim-transport-info").contents.first?.transport)
    #expect(transport.candidates.map(\.transportProtocol) == ["tcp", "udp"] && transport.skipped.isEmpty)
    #expect(transport.candidates[1].ip == "192.0.2.45" && transport.candidates[1].port == 51_712)
  }
}
