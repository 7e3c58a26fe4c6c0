import CXML2
import NIOCore

/// Reads an XML stream (RFC 6120 section 4) as its bytes arrive: the header, then stanza by stanza, then the end.
///
/// A server passes on what strangers write, as far as its own parser takes it, and keeps what ended a stream for the next
/// one. So an error within a stanza costs that stanza: of one that is ill-formed, uses what RFC 6120 section 11.1 forbids,
/// or goes beyond the limits, no more is told than the attributes that address it. The stream ends where it can no longer
/// be told which elements are open; that error is final, and `restart()` begins a new stream.
///
/// No DTD is ever read, so no entity is ever declared, expanded or loaded.
///
/// A class, since libxml2's SAX interface keeps a pointer to it.
package final class XMLStreamParser {
  package enum Event: Equatable, Sendable {
    /// The stream's root element, without children.
    case opened(XMLElement)
    /// A complete child of the root.
    case stanza(XMLElement)
    case closed
    /// The stream cannot be read on, `in` a stanza of which only the address is told, or outside of stanzas.
    case failed(XMLStreamError, in: XMLElement? = nil)
  }

  package struct Limits: Sendable {
    /// RFC 6120 section 13.12 asks of servers 10,000 octets at least; a roster of thousands of contacts takes far more.
    package var stanzaBytes = 1 << 20
    /// Octets after which what does not end has ended the stream: libxml2 keeps the names of all that is open.
    package var endlessBytes = 16 << 20
    /// Elements, attributes and pieces of text of a stanza: some 200 octets of memory each.
    package var nodes = 1 << 16
    package var depth = 64
    var tag = XMLTokenizer.Limits()
    /// Names that libxml2 may keep, which forgets none: strangers could make up new ones for months.
    package var names = 4096

    package init() {}
  }

  private let limits: Limits
  private var tokenizer: XMLTokenizer
  private var context: xmlParserCtxtPtr?
  private var events = CircularBuffer<Event>()
  private var hasBegun = false
  private var isOpen = false
  private var ended = false
  /// The stream's root element as it came, for the next context to begin with.
  private var header: [UInt8] = []

  /// Open elements, the root among them.
  private var depth = 0
  /// The stanza that has begun, or begins with the tag that is being read.
  private var stanza: XMLStanzaBuilder
  /// Octets since the last stanza, or the last white space between stanzas.
  private var unfinishedBytes = 0

  package init(limits: Limits = Limits()) {
    self.limits = limits
    tokenizer = XMLTokenizer(limits: limits.tag)
    stanza = XMLStanzaBuilder(limits: limits)
  }

  deinit {
    xmlFreeParserCtxt(context)
  }

  package func pollEvent() -> Event? {
    events.popFirst()
  }

  /// Forgets everything, unread events included: what came before TLS or SASL was done says nothing about the stream
  /// that begins after it (RFC 6120 sections 5.4.3.3 and 6.3.2).
  package func restart() {
    xmlFreeParserCtxt(context)
    context = nil
    tokenizer = XMLTokenizer(limits: limits.tag)
    events.removeAll()
    hasBegun = false
    isOpen = false
    ended = false
    header.removeAll()
    depth = 0
    forgetStanza()
  }

  package func receive(_ bytes: ByteBuffer) {
    var rest = bytes.readableBytesView
    guard !ended, let first = rest.first else { return }
    if !hasBegun {
      // Anything else would make libxml2 guess at another encoding.
      guard first == UInt8(ascii: "<") else { return fail(.unsupportedEncoding) }
      hasBegun = true
    }
    unfinishedBytes += rest.count
    while !ended, let token = tokenizer.next(from: &rest, isStanza: depth == 1) { take(token) }
    if unfinishedBytes > limits.endlessBytes { fail(.tooLarge) }
  }

  private func take(_ token: XMLTokenizer.Token) {
    switch token {
    case .text(let octets, let isSound):
      if !isSound { damage(.notWellFormed) }
      feed(octets)
    case .tag(let octets, let reason):
      if let reason { damage(reason) }
      feed(octets)
    case .declaration(let octets): feed(octets)
    // Between stanzas there is nothing that it could have spoilt.
    case .restricted: if depth != 1 { damage(.restrictedXML) }
    case .failed(let error): fail(error)
    }
  }

  private func feed(_ octets: [UInt8]) {
    guard !ended else { return }
    if !isOpen { header += octets }
    if depth > 1, !stanza.count(octets.count) { damage(.tooLarge) }
    let context = context ?? makeContext()
    parse(octets, context)
    // It has given up, without a word where the error before that was a small one.
    if context.pointee.disableSAX != 0 { return fail(.notWellFormed) }
    // Between two stanzas the context holds nothing unread.
    if !ended, isOpen, depth == 1, context.pointee.wellFormed == 0 || nameCount > limits.names { beginAnew() }
  }

  private func parse(_ octets: [UInt8], _ context: xmlParserCtxtPtr) {
    octets.withUnsafeBytes { octets in
      octets.withMemoryRebound(to: CChar.self) {
        _ = xmlParseChunk(context, $0.baseAddress, Int32($0.count), 0)
      }
    }
  }

  /// Of elements, attributes and namespaces, since the stream began or they were forgotten.
  var nameCount: Int { context.map { Int(xmlDictSize($0.pointee.dict)) } ?? 0 }

  /// Goes on in a new context, which knows no names and of no errors, as after the stream's header.
  private func beginAnew() {
    xmlFreeParserCtxt(context)
    depth = 0
    parse(header, makeContext())
  }

  private static let isLibraryReady: Void = xmlInitParser()

  private func makeContext() -> xmlParserCtxtPtr {
    Self.isLibraryReady
    var handler = Self.handler
    let user = Unmanaged.passUnretained(self).toOpaque()
    guard let context = xmlCreatePushParserCtxt(&handler, user, nil, 0, nil) else {
      preconditionFailure("out of memory")
    }
    // RECOVER: go on after errors, on which the handler decides. NOENT: libxml2 would otherwise hand us `&amp;` in
    // attributes as `&#38;`. Only the five predefined entities can be there. IGNORE_ENC: whatever the XML declaration
    // says, a stream is UTF-8.
    let options =
      XML_PARSE_RECOVER.rawValue | XML_PARSE_NOENT.rawValue | XML_PARSE_NONET.rawValue | XML_PARSE_IGNORE_ENC.rawValue
    xmlCtxtUseOptions(context, Int32(options))
    self.context = context
    return context
  }

  // MARK: What the SAX handler calls

  func fail(_ error: XMLStreamError) {
    guard !ended else { return }
    ended = true
    events.append(.failed(error, in: stanza.address))
    forgetStanza()
    if let context { xmlStopParser(context) }
  }

  /// Leaves of the stanza its address; before the stream is open there is none, and the stream has failed.
  func damage(_ error: XMLStreamError) {
    guard isOpen else { return fail(error) }
    stanza.damage()
  }

  func startElement(_ element: SAXElement) {
    guard !ended else { return }
    depth += 1
    if depth == 1 {
      // Not where the header is read again for a new context.
      guard !isOpen else { return }
      isOpen = true
      return events.append(.opened(stanza.makeElement(element)))
    }
    stanza.startElement(element, depth: depth)
  }

  func endElement() {
    guard !ended else { return }
    depth -= 1
    switch depth {
    case 0:
      ended = true
      events.append(.closed)
    case 1:
      stanza.finish().map { events.append(.stanza($0)) }
      unfinishedBytes = 0
    default: stanza.endElement()
    }
  }

  func characters(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard !ended else { return }
    guard depth > 1 else {
      // White space keeps a connection alive.
      unfinishedBytes = 0
      let isBlank = bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
      return isBlank ? () : fail(.textBetweenStanzas)
    }
    stanza.characters(bytes)
  }

  private func forgetStanza() {
    stanza.forget()
    unfinishedBytes = 0
  }
}
