import CXML2

/// Builds a stanza from the callbacks of libxml2, within limits. Of a damaged stanza only the address is kept.
struct XMLStanzaBuilder {
  private let limits: XMLStreamParser.Limits
  /// The stanza and its open descendants; for a damaged stanza, its address alone.
  private var path: [XMLElement] = []
  private var text: [UInt8] = []
  /// Whether the stanza is damaged, which the tag that is being read may cause before the stanza begins.
  private(set) var isDamaged = false
  private var bytes = 0
  private var nodes = 0
  /// The strings of this stanza by their pointer, since libxml2 stores each name once.
  private var strings: [UnsafePointer<xmlChar>: String] = [:]

  init(limits: XMLStreamParser.Limits) {
    self.limits = limits
  }

  /// The address of a stanza that cannot be read any further.
  var address: XMLElement? { path.first.map(Self.addressed) }

  /// Counts octets of the stanza; returns false if it is too large.
  mutating func count(_ octets: Int) -> Bool {
    bytes += octets
    return bytes <= limits.stanzaBytes
  }

  /// Drops the stanza but for its address.
  mutating func damage() {
    guard !isDamaged else { return }
    isDamaged = true
    path = path.prefix(1).map(Self.addressed)
    text.removeAll()
    strings.removeAll()
  }

  /// - Parameter depth: the depth of the element; that of a stanza is 2.
  mutating func startElement(_ element: XMLStreamParser.SAXElement, depth: Int) {
    nodes += 1 + element.attributeCount
    if depth > limits.depth + 1 || nodes > limits.nodes { damage() }
    guard !isDamaged else {
      if depth == 2 { path = [Self.addressed(makeElement(element))] }
      return
    }
    flushText()
    path.append(makeElement(element))
  }

  /// Ends an element within the stanza.
  mutating func endElement() {
    guard !isDamaged else { return }
    flushText()
    guard let element = path.popLast() else { return }
    path[path.count - 1].append(element)
  }

  mutating func characters(_ octets: UnsafeBufferPointer<UInt8>) {
    if !isDamaged { text.append(contentsOf: octets) }
  }

  /// Ends the stanza and returns it; the next one may begin.
  mutating func finish() -> XMLElement? {
    flushText()
    defer { forget() }
    return path.first
  }

  mutating func forget() {
    path.removeAll()
    text.removeAll()
    strings.removeAll()
    isDamaged = false
    bytes = 0
    nodes = 0
  }

  mutating func makeElement(_ element: XMLStreamParser.SAXElement) -> XMLElement {
    element.makeElement { name in
      if let string = strings[name] { return string }
      let string = String(cString: name)
      strings[name] = string
      return string
    }
  }

  private static func addressed(_ stanza: XMLElement) -> XMLElement {
    var stanza = stanza
    stanza.attributes = stanza.attributes.filter { XMLTagOutline.addressing.contains($0.key) }
    stanza.children = []
    return stanza
  }

  private mutating func flushText() {
    guard !isDamaged, !text.isEmpty, !path.isEmpty else { return }
    nodes += 1
    path[path.count - 1].children.append(.text(String(decoding: text, as: UTF8.self)))
    text.removeAll(keepingCapacity: true)
  }
}
