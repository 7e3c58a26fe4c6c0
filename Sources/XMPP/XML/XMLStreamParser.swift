import CXML2
import NIOCore

/// Reads an XML stream (RFC 6120 section 4) as its bytes arrive: the header, each stanza, and the end.
///
/// A server forwards what strangers write, as far as its own parser accepts it, and stores what ended a stream for the
/// next one. An error within a stanza therefore affects only that stanza: if it is ill-formed, uses what RFC 6120
/// section 11.1 forbids, or exceeds the limits, only its addressing attributes are reported. The stream fails if it is
/// no longer known which elements are open. That error is final, and ``restart()`` begins a new stream.
///
/// No DTD is read, so that no entity is declared, expanded or loaded.
///
/// It is a class because the SAX interface of libxml2 keeps a pointer to it.
package final class XMLStreamParser {
  package enum Event: Equatable, Sendable {
    /// The stream's root element, without children.
    case opened(XMLElement)
    /// A complete child of the root.
    case stanza(XMLElement)
    case closed
    /// The stream cannot be read any further. If the error occurred in a stanza, its address is given.
    case failed(XMLStreamError, in: XMLElement? = nil)
  }

  package struct Limits: Sendable {
    /// The largest stanza in bytes. RFC 6120 section 13.12 requires servers to accept at least 10,000; a roster of
    /// thousands of contacts is far larger.
    package var stanzaBytes = 1 << 20
    /// The bytes after which the stream fails if no stanza has ended; libxml2 keeps the names of all open elements.
    package var endlessBytes = 16 << 20
    /// The most elements, attributes and pieces of text in a stanza, which take some 200 bytes of memory each.
    package var nodes = 1 << 16
    /// The greatest depth of elements in a stanza.
    package var depth = 64
    var tag = XMLTokenizer.Limits()
    /// The most names that libxml2 may store before its context is replaced. It never forgets any, and strangers could
    /// invent new ones for months.
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
  /// The bytes of the stream's root element, with which the next context begins.
  private var header: [UInt8] = []

  /// The number of open elements, including the root.
  private var depth = 0
  /// The current stanza, or the one that begins with the tag that is being read.
  private var stanza: XMLStanzaBuilder
  /// The bytes since the last stanza, or the last white space between stanzas.
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

  /// Drops everything including unread events, since what was received before TLS or SASL must not affect the stream
  /// that begins afterwards (RFC 6120 sections 5.4.3.3 and 6.3.2).
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
      // Any other beginning would make libxml2 guess another encoding.
      guard first == UInt8(ascii: "<") else { return fail(.unsupportedEncoding) }
      hasBegun = true
    }
    unfinishedBytes += rest.count
    while !ended, let token = tokenizer.next(from: &rest, isStanza: depth == 1) { take(token) }
    if unfinishedBytes > limits.endlessBytes { fail(.tooLarge) }
  }

  private func take(_ token: XMLTokenizer.Token) {
    switch token {
    case .text(let octets, _) where depth == 1: takeBetweenStanzas(octets)
    case .text(let octets, let isSound):
      if !isSound { damage(.notWellFormed) }
      feed(octets)
    case .tag(let octets, let reason):
      if let reason { damage(reason) }
      feed(octets)
    case .declaration(let octets): feed(octets)
    // Between stanzas there is nothing that it could have damaged.
    case .restricted: if depth != 1 { damage(.restrictedXML) }
    case .failed(let error): fail(error)
    }
  }

  /// libxml2 is not asked: it may keep a text to itself until a tag follows.
  private func takeBetweenStanzas(_ text: [UInt8]) {
    // White space keeps a connection alive.
    unfinishedBytes = 0
    let isBlank = text.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    if !isBlank { fail(.textBetweenStanzas) }
  }

  private func feed(_ octets: [UInt8]) {
    guard !ended else { return }
    if !isOpen { header += octets }
    if depth > 1, !stanza.count(octets.count) { damage(.tooLarge) }
    let context = context ?? makeContext()
    parse(octets, context)
    // libxml2 has given up, which it does not report if the error before was a minor one.
    if context.pointee.disableSAX != 0 { return fail(.notWellFormed) }
    // Between two stanzas the context holds no unread data.
    if !ended, isOpen, depth == 1, context.pointee.wellFormed == 0 || nameCount > limits.names { beginAnew() }
  }

  private func parse(_ octets: [UInt8], _ context: xmlParserCtxtPtr) {
    octets.withUnsafeBytes { octets in
      octets.withMemoryRebound(to: CChar.self) {
        _ = xmlParseChunk(context, $0.baseAddress, Int32($0.count), 0)
      }
    }
  }

  /// The number of names of elements, attributes and namespaces that the current context stores.
  var nameCount: Int { context.map { Int(xmlDictSize($0.pointee.dict)) } ?? 0 }

  /// Continues in a new context without stored names and errors, as after the stream header.
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
    // RECOVER continues after errors, which the handler judges. NOENT prevents libxml2 from passing `&amp;` in
    // attributes as `&#38;`; only the five predefined entities can occur. IGNORE_ENC ignores the encoding of the XML
    // declaration, since a stream is always UTF-8.
    let options =
      XML_PARSE_RECOVER.rawValue | XML_PARSE_NOENT.rawValue | XML_PARSE_NONET.rawValue | XML_PARSE_IGNORE_ENC.rawValue
    xmlCtxtUseOptions(context, Int32(options))
    self.context = context
    return context
  }

  // MARK: Called by the SAX handler

  func fail(_ error: XMLStreamError) {
    guard !ended else { return }
    ended = true
    events.append(.failed(error, in: stanza.address))
    forgetStanza()
    if let context { xmlStopParser(context) }
  }

  /// Reduces the stanza to its address. Before the stream is open there is no stanza, and the stream fails.
  func damage(_ error: XMLStreamError) {
    guard isOpen else { return fail(error) }
    stanza.damage()
  }

  func startElement(_ element: SAXElement) {
    guard !ended else { return }
    depth += 1
    if depth == 1 {
      // The header is read again for a new context, which must not be reported.
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
    stanza.characters(bytes)
  }

  private func forgetStanza() {
    stanza.forget()
    unfinishedBytes = 0
  }
}
