/// Follows tags octet by octet, and how many elements are open: it finds the end of a stanza that is too large to be read.
///
/// Only CDATA could mislead it, which servers do not write.
struct XMLTagScanner {
  private enum Place {
    case text
    case tag
    case value(quote: UInt8)
  }

  private(set) var depth = 0
  private var place = Place.text
  /// Of the tag.
  private var first: UInt8?
  private var last: UInt8 = 0

  /// Whether a child of the root element, or its tag, has begun and not ended.
  var isInStanza: Bool {
    if case .text = place { depth > 1 } else { depth > 0 }
  }

  /// True: a tag ends with this octet.
  mutating func scan(_ octet: UInt8) -> Bool {
    defer { last = octet }
    switch (place, octet) {
    case (.text, UInt8(ascii: "<")):
      place = .tag
      first = nil
    case (.tag, UInt8(ascii: ">")):
      place = .text
      switch first {
      case UInt8(ascii: "/"): depth -= 1
      case UInt8(ascii: "?"), UInt8(ascii: "!"): break
      default: depth += last == UInt8(ascii: "/") ? 0 : 1
      }
      return true
    case (.tag, UInt8(ascii: "'")), (.tag, UInt8(ascii: "\"")): place = .value(quote: octet)
    case (.tag, _): first = first ?? octet
    case (.value(let quote), _) where quote == octet: place = .tag
    case (.text, _), (.value, _): break
    }
    return false
  }
}
