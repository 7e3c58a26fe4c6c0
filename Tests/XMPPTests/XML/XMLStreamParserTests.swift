import NIOCore
import TestSupport
import Testing

@testable import XMPP

@Suite("XML stream parser, RFC 6120 sections 4 and 11")
struct XMLStreamParserTests {
  static let header =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    + "id='s' from='example.org' version='1.0' xml:lang='en'>"

  /// All events that `text` makes, fed in pieces of `step` octets.
  static func events(
    _ text: [UInt8], step: Int = .max, limits: XMLStreamParser.Limits = .init()
  ) -> [XMLStreamParser.Event] {
    let parser = XMLStreamParser(limits: limits)
    var rest = text[...]
    while !rest.isEmpty {
      parser.receive(ByteBuffer(bytes: rest.prefix(step)))
      rest = rest.dropFirst(step)
    }
    var events: [XMLStreamParser.Event] = []
    while let event = parser.pollEvent() { events.append(event) }
    return events
  }

  static func events(
    _ text: String, step: Int = .max, limits: XMLStreamParser.Limits = .init()
  ) -> [XMLStreamParser.Event] {
    events(Array(text.utf8), step: step, limits: limits)
  }

  /// What the stream's body makes after a good header.
  static func body(_ text: String, limits: XMLStreamParser.Limits = .init()) -> [XMLStreamParser.Event] {
    Array(events(header + text, limits: limits).dropFirst())
  }

  @Test("reads header, stanza and end alike however the bytes are cut", arguments: [1, 2, 3, 7, 64, Int.max])
  func pieces(step: Int) {
    let text =
      Self.header
      + "<message from='a@b/c' xml:lang='de'><body>1 &lt; 2 &amp;&#x20AC; \u{1F600}<![CDATA[<&>]]></body>"
      + "<x xmlns='urn:x' a='&amp;&quot;&#10;'><y/>t</x></message> \n <stream:error/></stream:stream>"
    let header = XMLElement(
      "stream", namespace: Namespace.streams,
      attributes: ["id": "s", "from": "example.org", "version": "1.0", "xml:lang": "en"])
    let body = XMLElement("body", namespace: Namespace.client, children: [.text("1 < 2 &\u{20AC} \u{1F600}<&>")])
    let x = XMLElement(
      "x", namespace: "urn:x", attributes: ["a": "&\"\n"],
      children: [.element(XMLElement("y", namespace: "urn:x")), .text("t")])
    let message = XMLElement(
      "message", namespace: Namespace.client, attributes: ["from": "a@b/c", "xml:lang": "de"],
      children: [.element(body), .element(x)])
    #expect(
      Self.events(text, step: step) == [
        .opened(header), .stanza(message), .stanza(XMLElement("error", namespace: Namespace.streams)), .closed,
      ])
  }

  @Test(
    "ends the stream at what RFC 6120 section 11.1 forbids",
    arguments: [
      "<!DOCTYPE stream><stream>",
      "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;",
      "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a>",
      "<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY l 'lol'><!ENTITY m '&l;&l;&l;&l;&l;&l;&l;&l;&l;&l;'>"
        + "<!ENTITY n '&m;&m;&m;&m;&m;&m;&m;&m;&m;&m;'>]><lolz>&n;</lolz>",
      "<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/x'>%p;]><a>",
      "<!-- hello --><a>",
      "<?php echo ?><a>",
    ])
  func restrictedProlog(text: String) {
    #expect(Self.events(text) == [.failed(.restrictedXML)])
    #expect(Self.events(text, step: 1) == [.failed(.restrictedXML)])
  }

  @Test(
    "ends the stream at a comment, instruction or unknown entity within it",
    arguments: [
      "<!-- -->", "<message><!-- x --></message>", "<message><?pi x?></message>", "<?pi?>",
      "<message>&lol;</message>", "<message a='&lol;'/>",
    ])
  func restrictedBody(text: String) {
    #expect(Self.body(text) == [.failed(.restrictedXML)])
  }

  @Test(
    "malformed input is not-well-formed and nothing after it counts",
    arguments: [
      "<a></b>", "<a b='1' b='2'/>", "<a b=1/>", "<a><", "<a>&#0;</a>", "<a>\u{1}</a>", "<a>]]></a>", "<a b='<'/>",
      "<?xml version='1.0'?>", "<a:b:c xmlns:a='urn:a'/>", "<!DOCTYPE a>", "</a>",
    ])
  func malformed(text: String) {
    #expect(Self.body(text + "<message/>  >") == [.failed(.notWellFormed)])
  }

  @Test("a document type is refused where it begins, before anything that it declares is read")
  func unfinishedDocumentType() {
    #expect(Self.events("<!DOCTYPE a [<!ATTLIST a b CDATA 'c'>") == [.failed(.restrictedXML)])
  }

  @Test("mutated and random octets fail a stream once, and nothing follows", arguments: [UInt64(1), 2, 3, 4])
  func noise(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let good = Array(
      (Self.header
        + "<message a='&lt;'><x xmlns='urn:x'>t&#10;<![CDATA[c]]></x></message><iq xmlns:y='urn:y'><y:z/></iq>")
        .utf8)
    let spice = [
      "<", ">", "&", "'", "]]>", "<!", "<?", "<!--", "<![CDATA[", "<!DOCTYPE a [", "xmlns:", "\u{FEFF}", "&#x0;",
    ]
    var failures = 0
    for round in 0..<2_000 {
      var text = good
      if round % 4 == 0 {
        text = [UInt8(ascii: "<")] + (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) }
      }
      for _ in 0..<Int.random(in: 0...4, using: &generator) {
        let position = Int.random(in: 0..<text.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: text[position] = UInt8.random(in: 0...255, using: &generator)
        case 1: text.removeSubrange(position..<min(position + 5, text.count - 1))
        case 2: text.insert(contentsOf: text[position...].prefix(40), at: position)
        default: text.insert(contentsOf: Array((spice.randomElement(using: &generator) ?? "").utf8), at: position)
        }
      }
      let events = Self.events(text, step: Int.random(in: 1...300, using: &generator))
      let failure = events.firstIndex { if case .failed = $0 { true } else { false } }
      #expect(failure == nil || failure == events.count - 1)
      failures += failure == nil ? 0 : 1
    }
    // A quarter is random, and of the others a fifth was not mutated.
    #expect((1_000...1_900).contains(failures))
  }

  @Test("a namespace prefix that nothing declares, or a reserved one redeclared, is bad-namespace-prefix")
  func badNamespace() {
    for text in ["<foo:a/>", "<a foo:b='1'/>", "<a xmlns:xml='urn:x'/>", "<a xmlns:b=''/>"] {
      #expect(Self.body(text) == [.failed(.badNamespacePrefix)], "\(text)")
    }
  }

  @Test("a namespace name that is no URI does not cost the stream")
  func oddNamespace() {
    let odd = XMLElement("a", namespace: "not a uri")
    #expect(Self.body("<a xmlns='not a uri'/>") == [.stanza(odd)])
    #expect(Self.body("<a xmlns='relative'/>") == [.stanza(XMLElement("a", namespace: "relative"))])
  }

  @Test("octets that are no UTF-8 end the stream: truncated, overlong, surrogate, Latin-1")
  func invalidUTF8() {
    for bad: [UInt8] in [[0xE2, 0x82], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xE9], [0xF8, 0x88, 0x80, 0x80, 0x80]] {
      let text = Array((Self.header + "<a>").utf8) + bad + Array("</a><a></a>".utf8)
      #expect(Self.events(text).dropFirst() == [.failed(.notWellFormed)], "\(bad)")
      #expect(Self.events(text, step: 1).dropFirst() == [.failed(.notWellFormed)], "\(bad)")
    }
  }

  @Test("no other encoding is guessed at: byte order marks, UTF-16, a declaration")
  func encodings() {
    #expect(Self.events([0xEF, 0xBB, 0xBF] + Array("<a>".utf8)) == [.failed(.unsupportedEncoding)])
    #expect(Self.events([0xFF, 0xFE, 0x3C, 0x00]) == [.failed(.unsupportedEncoding)])
    #expect(Self.events([0x3C, 0x00, 0x3F, 0x00]) == [.failed(.notWellFormed)])
    let latin = Array("<?xml version='1.0' encoding='iso-8859-1'?><a b='".utf8) + [0xE9] + Array("'>".utf8)
    #expect(Self.events(latin) == [.failed(.notWellFormed)])
  }

  @Test("what is too deep is left out, and no reason to lose the stream: a stranger may have sent it")
  func depth() {
    let limit = XMLStreamParser.Limits().depth
    func nested(_ depth: Int) -> String {
      String(repeating: "<a>", count: depth) + "x" + String(repeating: "</a>", count: depth)
    }
    let text = XMLElement("a", namespace: Namespace.client, children: [.text("x")])
    let deepest = (1..<limit).reduce(text) { inner, _ in
      XMLElement("a", namespace: Namespace.client, children: [.element(inner)])
    }
    let cut = (1..<limit).reduce(XMLElement("a", namespace: Namespace.client)) { inner, _ in
      XMLElement("a", namespace: Namespace.client, children: [.element(inner)])
    }
    let next = XMLStreamParser.Event.stanza(XMLElement("b", namespace: Namespace.client))
    #expect(Self.body(nested(limit) + "<b/>") == [.stanza(deepest), next])
    for depth in [limit + 1, limit + 2, 10_000] {
      #expect(Self.body(nested(depth) + "<b/>") == [.stanza(cut), next])
    }
  }

  @Test("of an element with too many attributes nothing is left, and of such a stanza whom it is from and to")
  func attributes() {
    func attributes(_ count: Int) -> String { (0..<count).map { " a\($0)=''" }.joined() }
    let next = XMLStreamParser.Event.stanza(XMLElement("b", namespace: Namespace.client))
    let bare = XMLElement("m", namespace: Namespace.client)
    let addressed = XMLElement("m", namespace: Namespace.client, attributes: ["from": "a@b/c", "id": "1"])
    #expect(Self.body("<m><x\(attributes(65))>t<y/></x></m><b/>") == [.stanza(bare), next])
    #expect(Self.body("<m from='a@b/c'\(attributes(65)) id='1'/><b/>") == [.stanza(addressed), next])
    guard case .stanza(let whole) = Self.body("<m\(attributes(64))/>").first else { return #expect(Bool(false)) }
    #expect(whole.attributes.count == 64)
    #expect(Self.events("<stream\(attributes(65))>") == [.failed(.tooManyAttributes)])
  }

  @Test(
    "names that strangers make up are forgotten, and the stream goes on in its namespaces", arguments: [1, 700, .max])
  func names(step: Int) {
    let parser = XMLStreamParser()
    var text = Self.header.replacing("<stream:stream ", with: "<stream:stream xmlns:p='urn:p' a='>' ")
    for number in 0..<20_000 {
      text += "<m a='>'>&gt;><name-\(number)/><p:x/></m> "
      if number % 100 == 99 {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
          parser.receive(ByteBuffer(bytes: rest.prefix(step)))
          rest = rest.dropFirst(step)
        }
        text = ""
      }
    }
    guard case .opened = parser.pollEvent() else { return #expect(Bool(false)) }
    for number in 0..<20_000 {
      let name = XMLElement("name-\(number)", namespace: Namespace.client)
      let children: [XMLElement.Node] = [
        .text(">>"), .element(name), .element(XMLElement("x", namespace: "urn:p")),
      ]
      let stanza = XMLElement("m", namespace: Namespace.client, attributes: ["a": ">"], children: children)
      guard parser.pollEvent() == .stanza(stanza) else { Issue.record("lost at \(number)"); return }
    }
    #expect(parser.pollEvent() == nil)
    #expect(parser.nameCount <= XMLStreamParser.Limits().names + 10)
    parser.receive(ByteBuffer(string: "</stream:stream>"))
    #expect(parser.pollEvent() == .closed)
  }

  @Test(
    "of a stanza that is too large, in text, in children or in a tag, only its address is left, and the stream goes on",
    arguments: [1, 1000, .max])
  func size(step: Int) {
    var limits = XMLStreamParser.Limits()
    limits.stanzaBytes = 20_000
    limits.tokenBytes = 5_000
    func body(_ text: String) -> [XMLStreamParser.Event] {
      Array(Self.events(Self.header + text + " <b/>", step: step, limits: limits).dropFirst())
    }
    let next = XMLStreamParser.Event.stanza(XMLElement("b", namespace: Namespace.client))
    let cut = XMLStreamParser.Event.stanza(
      XMLElement("iq", namespace: Namespace.client, attributes: ["from": "a@b/c", "id": "1"]))
    let text = String(repeating: "x", count: 10_000)
    for content in [
      text + text + text, String(repeating: "<x/>", count: 6_000), "<x a='\(text)'/>", "<x>\(text)<y a='>/>\(text)'>",
      "<\(text)/>", "<\(text)><y></y></\(text)>", "<x a='1' \(text)='2'/>",
    ] {
      let content = content.hasPrefix("<x>") ? content + "</y></x>" : content
      #expect(body("<iq from='a@b/c' id='1'><z/>\(content)</iq>") == [cut, next], "\(content.prefix(9))")
    }
    let nothing = XMLStreamParser.Event.stanza(XMLElement("message", namespace: Namespace.client))
    #expect(body("<iq a='\(text)'/>") == [nothing, next])
    #expect(body("<iq a='\(text)'><x></x></iq>") == [nothing, next])
    #expect(body("<a>\(text)</a><a>\(text)</a><a>\(text)</a>").count == 4)
    #expect(body(String(repeating: " ", count: 60_000)) == [next])
  }

  @Test("a stanza that never ends is not kept, and a header that is too large ends the stream")
  func endless() {
    let parser = XMLStreamParser()
    parser.receive(ByteBuffer(string: Self.header + "<m><x a='"))
    for _ in 0..<300 { parser.receive(ByteBuffer(string: String(repeating: "x", count: 10_000))) }
    guard case .opened = parser.pollEvent() else { return #expect(Bool(false)) }
    #expect(parser.pollEvent() == nil)
    #expect(Self.events("<stream a='" + String(repeating: "x", count: 40_000)) == [.failed(.tooLarge)])
  }

  @Test("text between stanzas is no stanza")
  func textBetween() {
    #expect(Self.body("hello<a/>") == [.failed(.textBetweenStanzas)])
  }

  @Test("a restart forgets events and half-read elements of the stream before")
  func restart() {
    let parser = XMLStreamParser()
    parser.receive(ByteBuffer(string: Self.header + "<a/><b/><message><bo"))
    guard case .opened = parser.pollEvent() else { return #expect(Bool(false)) }
    #expect(parser.pollEvent() == .stanza(XMLElement("a", namespace: Namespace.client)))
    parser.restart()
    #expect(parser.pollEvent() == nil)
    parser.receive(ByteBuffer(string: Self.header + "<c/>"))
    guard case .opened = parser.pollEvent() else { return #expect(Bool(false)) }
    #expect(parser.pollEvent() == .stanza(XMLElement("c", namespace: Namespace.client)))
    #expect(parser.pollEvent() == nil)
  }
}
