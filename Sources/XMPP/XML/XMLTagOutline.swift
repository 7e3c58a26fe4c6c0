/// The summary of a tag that must not be parsed, collected octet by octet: its name and, for a stanza, its addressing
/// attributes. Its size is bounded whatever the tag contains.
struct XMLTagOutline {
  private static let nameBytes = 1024
  /// The greatest length of an address as written, in which each of its 3,071 octets (RFC 7622 section 3.1) may be
  /// escaped.
  private static let valueBytes = 16 << 10
  /// The addressing attributes (RFC 6120 section 8.1).
  static let addressing: Set = ["to", "from", "id", "type"]

  private(set) var attributeCount = 0
  /// Whether an attribute value contains `<`, which XML 1.0 section 3.1 forbids and after which libxml2 does not
  /// continue.
  private(set) var hasMarkupInValue = false
  private(set) var isNameTooLong = false

  private let isStanza: Bool
  private var name: [UInt8] = []
  private var isInName = true
  /// The name of the current attribute, as far as an addressing one is long.
  private var attribute: [UInt8] = []
  private var isAttributeNamed = false
  private var value: [UInt8]?
  private var address: [UInt8] = []
  private var addressCount = 0

  init(isStanza: Bool = false) {
    self.isStanza = isStanza
  }

  /// Takes an octet outside of values, except the first `<` and the last `>`.
  mutating func receive(_ octet: UInt8) {
    switch octet {
    case 0x20, 0x09, 0x0A, 0x0D:
      isInName = false
      isAttributeNamed = true
    case _ where isInName:
      if name.count < Self.nameBytes { name.append(octet) } else { isNameTooLong = true }
    case UInt8(ascii: "="): isAttributeNamed = true
    default:
      if isAttributeNamed { attribute.removeAll(keepingCapacity: true) }
      isAttributeNamed = false
      if attribute.count < 8 { attribute.append(octet) }
    }
  }

  mutating func beginValue() {
    isInName = false
    attributeCount += 1
    let isWanted =
      isStanza && addressCount < Self.addressing.count
      && Self.addressing.contains(String(decoding: attribute, as: UTF8.self))
    value = isWanted ? [] : nil
    addressCount += isWanted ? 1 : 0
  }

  mutating func receiveValue(_ octet: UInt8) {
    if octet == UInt8(ascii: "<") { hasMarkupInValue = true }
    if let count = value?.count, count <= Self.valueBytes { value?.append(octet) }
  }

  mutating func endValue() {
    isAttributeNamed = true
    guard let value = self.value.take() else { return }
    // An invalid address must not look like a missing one, which stanzas of our own server may have.
    let isSound = value.count <= Self.valueBytes && !value.contains(UInt8(ascii: "<")) && XMLCharacters.areSound(value)
    address += [0x20] + attribute + Array("=\"".utf8) + (isSound ? Self.quoted(value) : []) + Array("\"".utf8)
  }

  /// Returns a tag with the same effect on the open elements.
  func reduced(isEmpty: Bool) -> [UInt8] {
    var name = name
    // In `<a/>` the slash is part of the name.
    let isEnd = name.first == UInt8(ascii: "/")
    if !isEnd, name.last == UInt8(ascii: "/") { name.removeLast() }
    if isNameTooLong { name = Array(isEnd ? "/_".utf8 : "_".utf8) }
    return Array("<".utf8) + name + (isEnd ? [] : address) + Array(isEmpty && !isEnd ? "/>".utf8 : ">".utf8)
  }

  private static func quoted(_ value: [UInt8]) -> [UInt8] {
    value.flatMap { $0 == UInt8(ascii: "\"") ? Array("&quot;".utf8) : [$0] }
  }
}
