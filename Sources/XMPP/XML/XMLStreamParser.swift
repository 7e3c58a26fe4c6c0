import CXML2
import NIOCore

/// Reads an XML stream (RFC 6120 section 4) as its bytes arrive: the header, then stanza by stanza, then the end.
///
/// What RFC 6120 section 11.1 forbids ends the stream before libxml2 acts on it: no DTD is ever read, so no entity is
/// ever declared, expanded or loaded. The first error is final; `restart()` begins a new stream.
///
/// A class, since libxml2's SAX interface keeps a pointer to it.
package final class XMLStreamParser {
  package enum Event: Equatable, Sendable {
    /// The stream's root element, without children.
    case opened(XMLElement)
    /// A complete child of the root.
    case stanza(XMLElement)
    case closed
    case failed(XMLStreamError)
  }

  package struct Limits: Sendable {
    /// RFC 6120 section 13.12 asks of servers 10,000 octets at least; a roster of thousands of contacts takes far more.
    package var stanzaBytes = 1 << 20
    /// Bytes that may come without completing a tag or a piece of text: libxml2's check for duplicate attributes is
    /// quadratic in what a single tag can hold.
    package var tokenBytes = 32 << 10
    package var depth = 64
    package var attributes = 64
    /// Names that libxml2 may keep, which forgets none: strangers could make up new ones for months.
    package var names = 4096

    package init() {}
  }

  private let limits: Limits
  private var context: xmlParserCtxtPtr?
  private var events = CircularBuffer<Event>()
  private var ended = false

  /// The open elements below the root.
  private var path: [XMLElement] = []
  private var isOpen = false
  /// The stream's root element as it came, for the next context to begin with.
  private var header: [UInt8] = []
  private var scanner = XMLTagScanner()
  /// What is left of a stanza that is too large, until it ends.
  private var skipped: XMLElement?
  /// Open elements that are left out with all that is in them.
  private var skippedDepth = 0
  private var text: [UInt8] = []

  private var stanzaBytes = 0
  private var tokenBytes = 0
  private var hasBegun = false

  package init(limits: Limits = Limits()) {
    self.limits = limits
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
    events.removeAll()
    ended = false
    path.removeAll()
    isOpen = false
    header.removeAll()
    scanner = XMLTagScanner()
    skipped = nil
    skippedDepth = 0
    text.removeAll()
    stanzaBytes = 0
    tokenBytes = 0
    hasBegun = false
  }

  package func receive(_ bytes: ByteBuffer) {
    guard !ended, let first = bytes.readableBytesView.first else { return }
    if !hasBegun {
      // Anything else would make libxml2 guess at another encoding; so would a NUL later among the first octets.
      guard first == UInt8(ascii: "<") else { return fail(.unsupportedEncoding) }
      hasBegun = true
    }
    guard !bytes.readableBytesView.contains(0) else { return fail(.notWellFormed) }
    bytes.withUnsafeReadableBytes { bytes in
      // Small slices, so that the limits hold to within one of them.
      var rest = bytes[...]
      while !ended, !rest.isEmpty {
        var slice = rest.prefix(1024)
        if let skipped {
          let end = slice.firstIndex { scanner.scan($0) && scanner.depth == 1 }
          rest = rest.dropFirst(end.map { $0 + 1 - slice.startIndex } ?? slice.count)
          if end != nil { resume(after: skipped) }
          continue
        }
        if !isOpen || hasTooManyNames, let end = slice.firstIndex(of: UInt8(ascii: ">")) { slice = slice[...end] }
        rest = rest.dropFirst(slice.count)
        if !isOpen { header += slice }
        for octet in slice { _ = scanner.scan(octet) }
        parse(UnsafeRawBufferPointer(rebasing: slice), context ?? makeContext())
        if hasTooManyNames { forgetNames() }
      }
    }
  }

  /// Of elements, attributes and namespaces, since the stream began or they were forgotten.
  var nameCount: Int { context.map { Int(xmlDictSize($0.pointee.dict)) } ?? 0 }

  private var hasTooManyNames: Bool { nameCount > limits.names }

  /// Goes on in a new context, where the old one is between two stanzas and holds nothing unread.
  private func forgetNames() {
    guard !ended, isOpen, path.isEmpty, skippedDepth == 0, let input = context?.pointee.input,
      input.pointee.cur == input.pointee.end
    else { return }
    beginAnew()
  }

  /// As after the stream's header.
  private func beginAnew() {
    xmlFreeParserCtxt(context)
    let context = makeContext()
    header.withUnsafeBytes { header in
      header.withMemoryRebound(to: CChar.self) {
        _ = xmlParseChunk(context, $0.baseAddress, Int32($0.count), 0)
      }
    }
  }

  private func parse(_ slice: UnsafeRawBufferPointer, _ context: xmlParserCtxtPtr) {
    stanzaBytes += slice.count
    tokenBytes += slice.count
    slice.withMemoryRebound(to: CChar.self) {
      _ = xmlParseChunk(context, $0.baseAddress, Int32($0.count), 0)
    }
    guard !ended else { return }
    if stanzaBytes > limits.stanzaBytes || tokenBytes > limits.tokenBytes {
      skip()
    } else if context.pointee.wellFormed == 0 {
      fail(.notWellFormed)
    }
  }

  /// Goes on behind the stanza, of which no more is told than whom it is from and to: a server passes on what strangers
  /// send, and keeps what ended a stream for the next one.
  private func skip() {
    guard isOpen, scanner.isInStanza else { return fail(.tooLarge) }
    // Where its own tag is too large, it counts as one that says nothing.
    skipped = path.first.map(addressed) ?? XMLElement("message", namespace: Namespace.client)
    skipped?.children = []
    path.removeAll()
    text.removeAll()
    skippedDepth = 0
  }

  private func resume(after stanza: XMLElement) {
    skipped = nil
    stanzaBytes = 0
    tokenBytes = 0
    events.append(.stanza(stanza))
    beginAnew()
  }

  private static let isLibraryReady: Void = xmlInitParser()

  private func makeContext() -> xmlParserCtxtPtr {
    Self.isLibraryReady
    var handler = Self.handler
    let user = Unmanaged.passUnretained(self).toOpaque()
    guard let context = xmlCreatePushParserCtxt(&handler, user, nil, 0, nil) else { fatalError("out of memory") }
    // NOENT: libxml2 would otherwise hand us `&amp;` in attributes as `&#38;`. Only the five predefined entities can be
    // there, since a DTD ends the stream. IGNORE_ENC: whatever the XML declaration says, a stream is UTF-8.
    let options = XML_PARSE_NOENT.rawValue | XML_PARSE_NONET.rawValue | XML_PARSE_IGNORE_ENC.rawValue
    xmlCtxtUseOptions(context, Int32(options))
    self.context = context
    return context
  }

  // MARK: What the SAX handler calls

  func fail(_ error: XMLStreamError) {
    guard !ended else { return }
    ended = true
    path.removeAll()
    text.removeAll()
    events.append(.failed(error))
    if let context { xmlStopParser(context) }
  }

  /// A server passes on what strangers nest and name: too much of it costs a stanza these parts, and not everybody the
  /// stream, again and again where the server keeps the stanza for the next one.
  func startElement(_ element: XMLElement) {
    guard !ended else { return }
    tokenBytes = 0
    let hasTooManyAttributes = element.attributes.count > limits.attributes
    // The root element, seen again.
    guard !isOpen || context?.pointee.nameNr != 0 else { return }
    guard isOpen else {
      if hasTooManyAttributes { return fail(.tooManyAttributes) }
      isOpen = true
      stanzaBytes = 0
      return events.append(.opened(element))
    }
    guard skippedDepth == 0, path.count < limits.depth, path.isEmpty || !hasTooManyAttributes else {
      skippedDepth += 1
      return
    }
    flushText()
    path.append(hasTooManyAttributes ? addressed(element) : element)
  }

  /// What RFC 6120 section 8.1 has on every stanza.
  private func addressed(_ stanza: XMLElement) -> XMLElement {
    var stanza = stanza
    stanza.attributes = stanza.attributes.filter { ["to", "from", "id", "type"].contains($0.key) }
    return stanza
  }

  func endElement() {
    guard !ended else { return }
    tokenBytes = 0
    guard skippedDepth == 0 else {
      skippedDepth -= 1
      return
    }
    flushText()
    guard let element = path.popLast() else {
      ended = true
      return events.append(.closed)
    }
    guard path.isEmpty else {
      path[path.count - 1].append(element)
      return
    }
    stanzaBytes = 0
    events.append(.stanza(element))
  }

  func characters(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard !ended else { return }
    tokenBytes = 0
    guard skippedDepth == 0 else { return }
    guard path.isEmpty else { return text.append(contentsOf: bytes) }
    // White space that keeps a connection alive is no part of a stanza.
    stanzaBytes = 0
    let isBlank = bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    if !isBlank { fail(.textBetweenStanzas) }
  }

  private func flushText() {
    guard !text.isEmpty, !path.isEmpty else { return }
    path[path.count - 1].children.append(.text(String(decoding: text, as: UTF8.self)))
    text.removeAll(keepingCapacity: true)
  }
}
