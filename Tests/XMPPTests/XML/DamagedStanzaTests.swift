import NIOCore
import Testing

@testable import XMPP

@Suite("Errors within a stanza, which leave its address and the stream")
struct DamagedStanzaTests {
  private static let address = XMLElement(
    "iq", namespace: Namespace.client, attributes: ["from": "a@b/c", "to": "d@e", "id": "1", "type": "set"])
  private static let next = XMLElement("b", namespace: Namespace.client, children: [.text("<")])

  /// Between this and that is what a stranger wrote.
  private static let (begin, end) = ("<iq from='a@b/c' to='d@e' id='1' type='set' xml:lang='en'>", "</iq>")

  private static func events(
    _ text: some Sequence<UInt8>, step: Int = .max, limits: XMLStreamParser.Limits = .init()
  ) -> [XMLStreamParser.Event] {
    let text = Array(XMLStreamParserTests.header.utf8) + text + Array(" <b>&lt;</b>".utf8)
    return Array(XMLStreamParserTests.events(text, step: step, limits: limits).dropFirst())
  }

  private static func events(
    _ text: String, step: Int = .max, limits: XMLStreamParser.Limits = .init()
  ) -> [XMLStreamParser.Event] {
    events(text.utf8, step: step, limits: limits)
  }

  private static func expectDamage(
    by content: String, limits: XMLStreamParser.Limits = .init(), sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for step in content.utf8.count < 1000 ? [1, 7, Int.max] : [1000, Int.max] {
      #expect(
        events(begin + content + end, step: step, limits: limits) == [.stanza(address), .stanza(next)],
        "\(content.prefix(60)) in pieces of \(step)", sourceLocation: sourceLocation)
    }
  }

  @Test(
    "a misused namespace prefix damages only its stanza",
    arguments: [
      "<foo:a/>", "<a foo:b='1'/>", "<foo:a><b/></foo:a>", "<a xmlns:xml='urn:x'/>", "<a xmlns:b=''/>",
      "<a xmlns='http://www.w3.org/XML/1998/namespace'/>",
      "<a xmlns:b='http://www.w3.org/XML/1998/namespace' b:c='1'/>",
      "<a xmlns='http://www.w3.org/2000/xmlns/'/>", "<a xmlns:xmlns='urn:x'/>", "<xmlns:a/>",
      "<a:b:c xmlns:a='urn:a'/>",
      "<:a/>", "<a xmlns:b='urn:x' xmlns:c='urn:x' b:d='1' c:d='2'/>", "<x><y>t<foo:a/>t</y><z/></x>",
    ])
  func namespaces(content: String) {
    Self.expectDamage(by: content)
  }

  @Test(
    "what RFC 6120 section 11.1 forbids damages only its stanza",
    arguments: [
      "<!-- x -->", "<!---->", "<!-- > --> -- >-->", "<!--->-->", "<!-- <a> </iq> ' \" -->", "<?pi x?>",
      "<?pi > ' </iq>?>",
      "<?xml version='1.0'?>", "<?xml version='1.0' encoding='utf-16'?>", "&lol;", "<a b='&lol;'/>", "<a><!-- --></a>",
    ])
  func restricted(content: String) {
    Self.expectDamage(by: content)
  }

  @Test(
    "ill-formed XML damages only its stanza if the open elements are certain",
    arguments: [
      "<a b='1' b='2'/>", "&#0;", "&#x1;", "&#xFFFE;", "&#x110000;", "&#xZ;", "&#;", "&", "&amp", "a & b; c", "&lt;&",
      "<a b='&#0;'/>",
      "<a b='&'/>", "\u{1}", "\u{0}", "\u{FFFF}", "a]]>b", "<a b='<'/>", "<a b='</iq>'/>", "<a b='\u{1}'/>",
      "<a b='\u{0}'>t</a>", "<a b='\u{FFFE}'/>", "<![CDATA[\u{1}]]>",
    ])
  func illFormed(content: String) {
    Self.expectDamage(by: content)
  }

  @Test("invalid UTF-8 in text and in a tag damages only its stanza")
  func invalidUTF8() {
    for bad: [UInt8] in [[0xE2, 0x82], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xE9], [0xF8, 0x88, 0x80, 0x80, 0x80]] {
      for (before, after) in [("<a>", "</a>"), ("<a b='", "'/>"), ("<![CDATA[", "]]>")] {
        for step in [1, 2, Int.max] {
          let text = Array((Self.begin + before).utf8) + bad + Array((after + Self.end).utf8)
          #expect(
            Self.events(text, step: step) == [.stanza(Self.address), .stanza(Self.next)], "\(bad) in \(before)")
        }
      }
    }
  }

  @Test(
    "errors in the stanza's own tag damage only the stanza",
    arguments: ["foo:a='1'", "a='1' a='2'", "a='<'", "a='&x;'", "a='\u{1}'"])
  func stanzaTag(attribute: String) {
    for text in [
      "<iq \(attribute) from='a@b/c' to='d@e' id='1' type='set'><x/></iq>",
      "<iq from='a@b/c' to=\"d@e\" id = '1' type='set' \(attribute)/>",
    ] {
      #expect(Self.events(text) == [.stanza(Self.address), .stanza(Self.next)], "\(text)")
    }
  }

  @Test(
    "a comment or processing instruction between stanzas has no effect",
    arguments: ["<!-- <b> -->", "<?pi?>", " <?xml?> "])
  func betweenStanzas(text: String) {
    #expect(Self.events(text) == [.stanza(Self.next)])
  }

  @Test("a CDATA section is text, in which no stanza begins or ends")
  func section() {
    let forged = "</iq><message from='admin@e'><body>forged</body></message><iq>"
    for content in ["<a><![CDATA[\(forged)]]></a>", "<a><![CDATA[]]\(forged)]]]]></a>"] {
      let text = content.dropFirst("<a><![CDATA[".count).dropLast("]]></a>".count)
      var stanza = Self.address
      stanza["xml:lang"] = "en"
      stanza.append(XMLElement("a", namespace: Namespace.client, children: [.text(String(text))]))
      for step in [1, 5, Int.max] {
        #expect(Self.events(Self.begin + content + Self.end, step: step) == [.stanza(stanza), .stanza(Self.next)])
      }
    }
    let filler = String(repeating: "x", count: 1 << 20)
    Self.expectDamage(by: "<a>\(filler)<![CDATA[\(forged)]]></a><![CDATA[\(filler)<a b='\(forged)]]>")
    Self.expectDamage(by: "<!--\(filler)-->\(forged.replacing("<", with: "&lt;"))<a b='\(filler)\(forged)'/>")
  }

  @Test("elements nested beyond the limit damage only their stanza")
  func depth() {
    let limit = XMLStreamParser.Limits().depth
    func nested(_ depth: Int) -> String {
      String(repeating: "<a>", count: depth) + "x" + String(repeating: "</a>", count: depth)
    }
    let deepest = (1..<limit).reduce(XMLElement("a", namespace: Namespace.client, children: [.text("x")])) { inner, _ in
      XMLElement("a", namespace: Namespace.client, children: [.element(inner)])
    }
    #expect(Self.events(nested(limit)) == [.stanza(deepest), .stanza(Self.next)])
    for depth in [limit, limit + 1, 10_000] { Self.expectDamage(by: nested(depth)) }
  }

  @Test("a tag with more attributes than the limit damages only its stanza")
  func attributes() {
    func attributes(_ count: Int) -> String { (0..<count).map { " a\($0)=''" }.joined() }
    Self.expectDamage(by: "<x\(attributes(65))>t<y/></x>")
    Self.expectDamage(by: "<x" + (0..<65).map { " xmlns:a\($0)='urn:x'" }.joined() + "/>")
    Self.expectDamage(by: "<x\(attributes(5_000))/>")
    let address = "from='a@b/c' to='d@e' id='1' type='set'"
    for tag in ["<iq \(address)\(attributes(65))/>", "<iq\(attributes(5_000)) \(address)></iq>"] {
      #expect(Self.events(tag) == [.stanza(Self.address), .stanza(Self.next)])
    }
    guard case .stanza(let whole) = Self.events("<m\(attributes(64))/>").first else { return #expect(Bool(false)) }
    #expect(whole.attributes.count == 64)
    #expect(XMLStreamParserTests.events("<stream\(attributes(65))>") == [.failed(.tooManyAttributes)])
  }

  @Test("a stanza larger than the limit is damaged, whichever part of it is large")
  func size() {
    var limits = XMLStreamParser.Limits()
    limits.stanzaBytes = 20_000
    limits.tag.tagBytes = 5_000
    let text = String(repeating: "x", count: 10_000)
    for content in [
      text + text + text, String(repeating: "<x/>", count: 6_000), "<x a='\(text)'/>",
      "<x>\(text)<y a='>/>\(text)'></y></x>",
      "<\(text)/>", "<\(text)><y></y></\(text)>", "<x a='1' \(text)='2'/>", "<x\(text.replacing("x", with: " "))/>",
      "<x a='\(text)'><\(text)/><![CDATA[</x>]]></x>", "<é\(text.replacing("x", with: "é"))/>",
    ] {
      Self.expectDamage(by: content, limits: limits)
    }
    #expect(Self.events(String(repeating: "<a>\(text)</a>", count: 3), limits: limits).count == 4)
    #expect(Self.events(String(repeating: " ", count: 60_000), limits: limits) == [.stanza(Self.next)])
  }

  @Test("a stanza with too large a tag keeps its address, and an invalid address becomes empty")
  func largeStanzaTag() {
    let filler = String(repeating: "x", count: 40_000)
    let address = "from='a@b/c' to=\"d@e\" id='1' type='set'"
    for tag in [
      "<iq a='\(filler)' \(address)/>", "<iq \(address) a='\(filler)'>", "<iq \(filler)='' x:from='z' \(address)>",
    ] {
      let text = tag.hasSuffix("/>") ? tag : tag + "<x>t</x></iq>"
      #expect(Self.events(text) == [.stanza(Self.address), .stanza(Self.next)], "\(text.prefix(20))")
    }
    let nobody = XMLElement("iq", namespace: Namespace.client, attributes: ["from": "", "id": "a\"<"])
    #expect(Self.events("<iq from='\(filler)' id='a\"&lt;'/>") == [.stanza(nobody), .stanza(Self.next)])
  }

  @Test("a stanza with more nodes than the limit is damaged")
  func nodes() {
    var limits = XMLStreamParser.Limits()
    #expect(limits.nodes == 65_536)
    limits.nodes = 1_000
    Self.expectDamage(by: String(repeating: "<a/>", count: 1_000), limits: limits)
    Self.expectDamage(by: String(repeating: "<a b=''/>", count: 500), limits: limits)
    Self.expectDamage(by: String(repeating: "t<a/>", count: 500), limits: limits)
    let children = [XMLElement.Node](repeating: .element(XMLElement("a", namespace: Namespace.client)), count: 999)
    #expect(
      Self.events("<m>" + String(repeating: "<a/>", count: 999) + "</m>", limits: limits)
        == [.stanza(XMLElement("m", namespace: Namespace.client, children: children)), .stanza(Self.next)])
  }

  @Test("the memory for damaged and endless stanzas is bounded")
  func endless() {
    var limits = XMLStreamParser.Limits()
    limits.endlessBytes = 200_000
    for begin in ["<m><x a='", "<m>", "<m><!--", "<!--", "<m><![CDATA[", "<m ", "<"] {
      let parser = XMLStreamParser(limits: limits)
      parser.receive(ByteBuffer(string: XMLStreamParserTests.header + begin))
      for _ in 0..<19 { parser.receive(ByteBuffer(string: String(repeating: "x", count: 10_000))) }
      guard case .opened = parser.pollEvent() else { return #expect(Bool(false)) }
      #expect(parser.pollEvent() == nil, "\(begin)")
      for _ in 0..<2 { parser.receive(ByteBuffer(string: String(repeating: "x", count: 10_000))) }
      guard case .failed(.tooLarge, _) = parser.pollEvent() else { return #expect(Bool(false), "\(begin)") }
    }
    #expect(
      XMLStreamParserTests.events("<stream a='" + String(repeating: "x", count: 40_000) + "'>") == [.failed(.tooLarge)])
  }

  @Test("a name or namespace shared by many elements is stored once")
  func sharedNames() throws {
    let namespace = "urn:" + String(repeating: "A", count: 5_000)
    let events = Self.events("<m><x xmlns='\(namespace)'>" + String(repeating: "<a/>", count: 10_000) + "</x></m>")
    guard case .stanza(let stanza) = events.first, let x = stanza.elements.first else { return #expect(Bool(false)) }
    #expect(x.elements.count == 10_000)
    let addresses = Set(x.elements.map { $0.namespace.utf8.withContiguousStorageIfAvailable { $0.baseAddress } })
    #expect(addresses.count == 1)
  }
}
