import Testing

@testable import XMPP

@Suite("JID, RFC 7622")
struct JIDTests {
  @Test(
    "a JID is split at the first slash and then at the first at sign (RFC 7622 section 3.5)",
    arguments: [
      ("juliet@example.com", "juliet", "example.com", nil),
      ("juliet@example.com/foo", "juliet", "example.com", "foo"),
      ("juliet@example.com/foo bar", "juliet", "example.com", "foo bar"),
      ("juliet@example.com/foo@bar", "juliet", "example.com", "foo@bar"),
      ("foo\\20bar@example.com", "foo\\20bar", "example.com", nil),
      ("fussball@example.com", "fussball", "example.com", nil),
      ("fu\u{DF}ball@example.com", "fu\u{DF}ball", "example.com", nil),
      ("\u{3C0}@example.com", "\u{3C0}", "example.com", nil),
      ("\u{3A3}@example.com/foo", "\u{3C3}", "example.com", "foo"),
      ("king@example.com/\u{265A}", "king", "example.com", "\u{265A}"),
      ("example.com", nil, "example.com", nil),
      ("example.com/foobar", nil, "example.com", "foobar"),
      ("a.example.com/b@example.net", nil, "a.example.com", "b@example.net"),
      ("cam@[::1]/x", "cam", "[::1]", "x"),
      ("cam@192.0.2.1", "cam", "192.0.2.1", nil),
    ] as [(String, String?, String, String?)])
  func valid(text: String, local: String?, domain: String, resource: String?) throws {
    let jid = try JID(text)
    #expect(jid.local == local)
    #expect(jid.domain == domain)
    #expect(jid.resource == resource)
  }

  @Test(
    "the invalid JIDs of RFC 7622 section 3.5 are refused",
    arguments: [
      ("\"juliet\"@example.com", JIDError.disallowed("\"", in: .local)),
      ("foo bar@example.com", .disallowed(" ", in: .local)),
      ("@example.com", .empty(.local)),
      ("@example.com/", .empty(.local)),
      ("example.com/", .empty(.resource)),
      ("henry\u{2163}@example.com", .disallowed("\u{2163}", in: .local)),
      ("\u{265A}@example.com", .disallowed("\u{265A}", in: .local)),
      ("juliet@", .empty(.domain)),
      ("/foobar", .empty(.domain)),
      ("", .empty(.domain)),
      ("a@b@c", .disallowed("@", in: .domain)),
      ("a@exa mple.com", .disallowed(" ", in: .domain)),
      ("a@example..com", .malformedDomain),
      ("a@-example.com", .malformedDomain),
      ("a@[::1", .malformedDomain),
      ("a@[::g]", .malformedDomain),
      ("a@[", .malformedDomain),
      ("a@b.example/x\u{0}y", .disallowed("\u{0}", in: .resource)),
      ("a\u{200E}@b.example", .disallowed("\u{200E}", in: .local)),
    ] as [(String, JIDError)])
  func invalid(text: String, error: JIDError) {
    #expect(throws: error) { try JID(text) }
  }

  @Test("each part may have 1023 octets and no more, counted in UTF-8 after preparation")
  func lengths() throws {
    let octets1022 = String(repeating: "\u{E9}", count: 511)
    #expect(try JID(local: octets1022 + "a", domain: "b").local?.utf8.count == 1023)
    #expect(throws: JIDError.tooLong(.local)) { try JID(local: octets1022 + "ab", domain: "b") }
    #expect(try JID(domain: "b", resource: octets1022 + "a").resource?.utf8.count == 1023)
    #expect(throws: JIDError.tooLong(.resource)) { try JID(domain: "b", resource: octets1022 + "ab") }
    let labels = String(repeating: "abc.", count: 255)
    #expect(try JID(domain: labels + "abc").domain.utf8.count == 1023)
    #expect(throws: JIDError.tooLong(.domain)) { try JID(domain: labels + "abcd") }
    #expect(throws: JIDError.malformedDomain) { try JID(domain: String(repeating: "a", count: 64)) }
  }

  @Test("the letter case is folded in localpart and domainpart but not in the resource")
  func caseMapping() throws {
    #expect(try JID("JULIET@Example.COM/Balcony") == JID("juliet@example.com/Balcony"))
    #expect(try JID("juliet@example.com/Balcony") != JID("juliet@example.com/balcony"))
  }

  @Test("canonically equivalent spellings, fullwidth ASCII and a final dot yield the same JID")
  func equivalence() throws {
    #expect(try JID("re\u{301}mi@example.com") == JID("r\u{E9}mi@example.com"))
    #expect(try JID("\u{FF43}am@example.com") == JID("cam@example.com"))
    #expect(try JID("cam@example.com.") == JID("cam@example.com"))
    #expect(throws: JIDError.disallowed("@", in: .local)) { try JID(local: "a\u{FF20}b", domain: "c") }
  }

  @Test(
    "U-labels and A-labels of a domain yield the same JID (RFC 7622 section 3.2)",
    arguments: [
      ("b\u{FC}cher.example", "xn--bcher-kva.example"), ("BU\u{308}CHER.example", "XN--BCHER-KVA.example"),
      ("fa\u{DF}.example", "xn--fa-hia.example"), ("\u{5E9}\u{5DC}\u{5D5}\u{5DD}.example", "xn--9dbne9b.example"),
      ("\u{4F8B}\u{3048}.xn--zckzah", "xn--r8jz45g.\u{30C6}\u{30B9}\u{30C8}"),
    ])
  func internationalized(unicode: String, ascii: String) throws {
    let jids = [try JID("cam@\(unicode)/pi"), try JID("cam@\(ascii)/pi")]
    #expect(jids[0] == jids[1] && Set(jids).count == 1)
    #expect(jids[0].bare == jids[1].bare && jids[0].server == jids[1].server)
    #expect(try jids[0] != JID("cam@bucher.example/pi") && jids[0] != JID("cam@fass.example/pi"))
    #expect(jids[0].domain == jids[1].domain)
    #expect(jids[0].inALabels.description == jids[1].inALabels.description)
  }

  @Test("an address keeps its spelling unless another one is requested")
  func spelling() throws {
    let (unicode, ascii) = (try JID("cam@b\u{FC}cher.example/pi"), try JID("cam@xn--bcher-kva.example/pi"))
    #expect(ascii.description == "cam@xn--bcher-kva.example/pi")
    #expect(try ascii.bare.with(resource: "x").description == "cam@xn--bcher-kva.example/x")
    #expect(ascii.server.description == "xn--bcher-kva.example")
    for jid in [unicode, ascii] {
      #expect(jid.inULabels.description == "cam@b\u{FC}cher.example/pi")
      #expect(jid.inALabels.description == "cam@xn--bcher-kva.example/pi")
    }
    let plain = try JID("cam@example.org")
    #expect(plain.inULabels.description == plain.description && plain.inALabels.description == plain.description)
  }

  @Test("the service name in DNS has the domain in A-labels")
  func serviceName() {
    #expect(IDNA.ascii("_xmpp-client._tcp.b\u{FC}cher.example") == "_xmpp-client._tcp.xn--bcher-kva.example")
  }

  @Test("a fake A-label is kept as it is, and a domain that IDNA does not allow is refused")
  func fakeLabels() throws {
    for domain in ["xn--zzzz.example", "xn--i-7iq.example", "xn--a.example", "ab--cd.example"] {
      let jid = try JID(domain: domain)
      #expect(jid.domain == domain && jid.inALabels.description == domain)
    }
    // Bidi and contextual rules, a compatibility character, too long a label.
    for domain in [
      "\u{5E0}1a.example", "a\u{200D}b.example", "\u{FB01}sch.example",
      String(repeating: "\u{E9}", count: 60) + ".example",
    ] {
      #expect(throws: JIDError.malformedDomain) { try JID(domain: domain) }
    }
  }

  @Test("bare, server and with(resource:) keep the other parts, and the description is the parsed text")
  func parts() throws {
    let jid = try JID("cam@example.org/pi")
    #expect(jid.description == "cam@example.org/pi")
    #expect(!jid.isBare && jid.bare.isBare)
    #expect(jid.bare.description == "cam@example.org")
    #expect(jid.server.description == "example.org")
    #expect(try jid.bare.with(resource: "pi") == jid)
    #expect(throws: JIDError.empty(.resource)) { try jid.with(resource: "") }
  }
}
