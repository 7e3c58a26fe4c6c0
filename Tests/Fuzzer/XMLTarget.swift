import NIOCore

@testable import XMPP

extension FuzzTarget {
  /// A stream gives the same stanzas however it is cut, with the limits that there are and with such as an input
  /// reaches.
  static let xml = FuzzTarget(text: "xml", seeds: stanzas, words: words) { bytes in
    for limits in [XMLStreamParser.Limits(), tight] {
      let whole = events(bytes, step: .max, limits)
      for step in [1, 7] {
        let cut = events(bytes, step: step, limits)
        require(cut == whole, "\(whole) otherwise in pieces of \(step): \(cut)")
      }
    }
    for case .stanza(let stanza) in events(bytes, step: .max) where stanza.namespace == Namespace.client {
      let written = XMLWriter.bytes(of: stanza)
      guard case .stanza(let again)? = events(written, step: .max).first else {
        fatalError("it does not read what it wrote: \(String(buffer: written))")
      }
      require(XMLWriter.bytes(of: again) == written, "it reads otherwise what it wrote: \(String(buffer: written))")
    }
  }

  static let header =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"

  /// What a parser tells of a stream, behind a header of ours where the input does not begin with an XML declaration.
  static func events(
    _ content: ByteBuffer, step: Int, _ limits: XMLStreamParser.Limits = .init()
  ) -> [XMLStreamParser.Event] {
    let parser = XMLStreamParser(limits: limits)
    if !content.readableBytesView.starts(with: "<?xml".utf8) {
      parser.receive(ByteBuffer(string: header))
      _ = parser.pollEvent()
    }
    var rest = content
    while let piece = rest.readSlice(length: min(step, rest.readableBytes)), piece.readableBytes > 0 {
      parser.receive(piece)
    }
    var events: [XMLStreamParser.Event] = []
    while let event = parser.pollEvent() { events.append(event) }
    return events
  }

  private static let tight: XMLStreamParser.Limits = {
    var limits = XMLStreamParser.Limits()
    limits.stanzaBytes = 256
    limits.nodes = 16
    limits.depth = 4
    limits.tag.tagBytes = 64
    limits.tag.attributes = 3
    limits.names = 32
    return limits
  }()

  /// One of each kind that the parser tells apart.
  private static let stanzas = [
    "<message from='a@b/c' to='d@e' id='1' type='chat' xml:lang='en'><body>&lt;&#x20AC;&amp;</body></message>",
    "<iq type='set'><query xmlns='urn:x'><a b='1' xmlns:c='urn:c' c:d='2'/><![CDATA[<&>]]></query></iq> <presence/>",
    "<message><foo:a/><!-- - -><?pi x?>&lol;<a b='1' b='2'/></message><iq/>",
    "<a>\u{1}]]>\u{FFFF}<b></a></stream:stream>",
    "<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>",
    "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a xmlns='' xmlns:xml='urn:x' xmlns:xmlns='urn:y' xml:b='1'/>",
    "<?xml version='1.0' encoding='UTF-8'?>\(header)<message><body>\u{E4}\u{20AC}\u{1F4F7}</body></message></stream:stream>",
  ]

  private static let words = [
    "<", ">", "</", "/>", "='", "'", "\"", "&", ";", "&#", "&#x", "&amp;", "<![CDATA[", "]]>", "<!--", "-->", "<?",
    "?>",
    "<!DOCTYPE", "<?xml", "xmlns", "xmlns:", "xml:", "xml:lang", ":", "stream:", "</stream:stream>", "<message", "<iq",
    "<presence", "from", "to", "id", "type", "http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/",
  ]
}
