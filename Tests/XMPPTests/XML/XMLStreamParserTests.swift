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

  @Test("header, stanzas and end are read equally however the bytes are split", arguments: [1, 2, 3, 7, 64, Int.max])
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
    "what RFC 6120 section 11.1 forbids fails the stream before it is opened",
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
    "the stream fails once the open elements are uncertain, and nothing follows",
    arguments: ["<a></b>", "<a><b></a>", "<a b=1/>", "<a><><", "</a>", "<1/>", "<a b='1'c/>"])
  func brokenFraming(text: String) {
    let failure = Self.body(text + "<message/>  >").first { if case .failed = $0 { true } else { false } }
    guard case .failed(.notWellFormed, _) = failure else { return #expect(failure == .failed(.notWellFormed)) }
  }

  @Test("an error that breaks the framing within a stanza is reported with its address")
  func brokenStanza() {
    let address = XMLElement("iq", namespace: Namespace.client, attributes: ["from": "a@b/c", "id": "1"])
    #expect(Self.body("<iq from='a@b/c' id='1' x='2'><y>t</z>") == [.failed(.notWellFormed, in: address)])
    #expect(Self.body("<iq from='a@b/c' id='1'/></iq>") == [.stanza(address), .failed(.notWellFormed)])
  }

  @Test("a document type is refused at its beginning, before any declaration is read")
  func unfinishedDocumentType() {
    #expect(Self.events("<!DOCTYPE a [<!ATTLIST a b CDATA 'c'>") == [.failed(.restrictedXML)])
    #expect(Self.body("<!DOCTYPE a>") == [.failed(.restrictedXML)])
  }

  @Test("mutated and random bytes fail a stream once, and nothing follows", arguments: [UInt64(1), 2, 3, 4])
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
    // A quarter is random, and of the others many are damaged only.
    #expect((700...1_700).contains(failures))
  }

  @Test("a namespace name that is no URI is accepted")
  func oddNamespace() {
    let odd = XMLElement("a", namespace: "not a uri")
    #expect(Self.body("<a xmlns='not a uri'/>") == [.stanza(odd)])
    #expect(Self.body("<a xmlns='relative'/>") == [.stanza(XMLElement("a", namespace: "relative"))])
  }

  @Test("other encodings and byte order marks are refused and not guessed")
  func encodings() {
    #expect(Self.events([0xEF, 0xBB, 0xBF] + Array("<a>".utf8)) == [.failed(.unsupportedEncoding)])
    #expect(Self.events([0xFF, 0xFE, 0x3C, 0x00]) == [.failed(.unsupportedEncoding)])
    #expect(Self.events([0x3C, 0x00, 0x3F, 0x00, 0x3E, 0x00]) == [.failed(.notWellFormed)])
    let latin = Array("<?xml version='1.0' encoding='iso-8859-1'?><a b='".utf8) + [0xE9] + Array("'>".utf8)
    #expect(Self.events(latin) == [.failed(.notWellFormed)])
  }

  @Test(
    "names that strangers invent are forgotten, and the stream continues with its namespaces",
    arguments: [1, 700, .max])
  func names(step: Int) {
    let parser = XMLStreamParser()
    var text = Self.header.replacing("<stream:stream ", with: "<stream:stream xmlns:p='urn:p' a='>' ")
    for number in 0..<6_000 {
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
    for number in 0..<6_000 {
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

  @Test("text between stanzas ends the stream at once, whatever follows and however cut", arguments: [1, 7, Int.max])
  func textBetween(step: Int) {
    let long = String(repeating: "long ", count: 200)
    for text in ["hello", "hello<a/>", " \n h", "hello <! x>", "\(long)<! x>", "]]>", "&#x20;", "<![CDATA[ ", "\u{1}"] {
      let events = Self.events(Self.header + text, step: step).dropFirst()
      #expect(events == [.failed(.textBetweenStanzas)], "\(text)")
    }
  }

  @Test("a restart drops events and incomplete elements of the former stream")
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
