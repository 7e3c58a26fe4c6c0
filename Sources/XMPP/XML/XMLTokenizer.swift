import NIOCore

/// Splits the octets of a stream into tokens (XML 1.0 sections 2.4 to 3.1), so that libxml2 is passed one at a time and
/// each tag as a whole.
///
/// It checks nothing that libxml2 can check. A tag after which libxml2 could not continue, or which it would read only
/// in quadratic time, is reduced to a tag of the same name, so that libxml2 sees the element structure that the server
/// sent.
struct XMLTokenizer {
  struct Limits: Sendable {
    /// The greatest length of a tag in bytes.
    var tagBytes = 32 << 10
    /// The most attributes of a tag, including namespace declarations.
    var attributes = 64
  }

  enum Token: Equatable {
    /// Character data, or a part of a CDATA section with its delimiters. It is unsound if it contains octets that are
    /// not characters.
    case text([UInt8], isSound: Bool)
    /// A whole tag; `reduced` is the reason if it replaces one that must not be parsed.
    case tag([UInt8], reduced: XMLStreamError?)
    /// The XML declaration, or what looks like one.
    case declaration([UInt8])
    /// A comment or processing instruction has ended; its content is not reported.
    case restricted
    /// The rest of the stream cannot be split into tokens.
    case failed(XMLStreamError)
  }

  private enum Place {
    case text
    /// After `<`, before it is clear what begins.
    case opening
    case tag
    case value(quote: UInt8)
    case comment
    case instruction
    case section
  }

  private static let commentStart = Array("<!--".utf8)
  private static let sectionStart = Array("<![CDATA[".utf8)

  private let limits: Limits
  private var place = Place.text
  /// The octets of the current token, as far as they may be kept.
  private var octets: [UInt8] = []
  /// The last two octets, the newest one second.
  private var last: (UInt8, UInt8) = (0, 0)
  private var tag = XMLTagOutline()
  private var isFirst = true

  init(limits: Limits) {
    self.limits = limits
  }

  /// Returns the next token that `input` completes and removes its octets; returns nil once `input` is used up.
  ///
  /// - Parameter isStanza: whether a tag that begins here is that of a stanza, whose address is kept if the tag is
  ///   reduced.
  mutating func next(from input: inout ByteBufferView, isStanza: Bool) -> Token? {
    while let octet = input.first {
      let token: Token?
      if case .text = place {
        token = takeText(from: &input)
      } else {
        input.removeFirst()
        token = take(octet, isStanza: isStanza)
      }
      guard let token else { continue }
      isFirst = false
      return token
    }
    return nil
  }

  private mutating func take(_ octet: UInt8, isStanza: Bool) -> Token? {
    let last = last
    self.last = (last.1, octet)
    switch place {
    case .text: return nil
    case .opening: return open(octet, isStanza: isStanza)
    case .tag: return takeInTag(octet, after: last.1)
    case .value(let quote):
      keep(octet)
      if octet == quote {
        place = .tag
        tag.endValue()
      } else {
        tag.receiveValue(octet)
      }
    case .comment:
      if octet == UInt8(ascii: ">"), last == (UInt8(ascii: "-"), UInt8(ascii: "-")) { return end(.restricted) }
    case .instruction:
      if isFirst { keep(octet) }
      guard octet == UInt8(ascii: ">"), last.1 == UInt8(ascii: "?") else { return nil }
      guard isFirst else { return end(.restricted) }
      return end(octets.count > limits.tagBytes ? .failed(.tooLarge) : .declaration(octets))
    case .section:
      octets.append(octet)
      let isComplete = octet == UInt8(ascii: ">") && last == (UInt8(ascii: "]"), UInt8(ascii: "]"))
      // It is passed on in pieces, since a section may be as large as a stanza.
      guard isComplete || octets.count >= 1024 else { return nil }
      let rest = XMLCharacters.removeUnfinished(from: &octets)
      defer { if isComplete { place = .text } }
      return takeCharacters(rest)
    }
    return nil
  }

  private mutating func takeInTag(_ octet: UInt8, after last: UInt8) -> Token? {
    keep(octet)
    switch octet {
    case UInt8(ascii: ">"): return endTag(isEmpty: last == UInt8(ascii: "/"))
    case UInt8(ascii: "'"), UInt8(ascii: "\""):
      place = .value(quote: octet)
      tag.beginValue()
    default: tag.receive(octet)
    }
    return nil
  }

  private mutating func end(_ token: Token) -> Token {
    place = .text
    octets.removeAll(keepingCapacity: true)
    return token
  }

  /// Keeps an octet. One more than the limit is kept, which shows that the limit was exceeded.
  private mutating func keep(_ octet: UInt8) {
    if octets.count <= limits.tagBytes { octets.append(octet) }
  }

  private mutating func open(_ octet: UInt8, isStanza: Bool) -> Token? {
    octets.append(octet)
    switch (octets.count, octet) {
    case (2, UInt8(ascii: "!")): break
    case (2, UInt8(ascii: "?")):
      place = .instruction
    case (2, _):
      place = .tag
      tag = XMLTagOutline(isStanza: isStanza)
      octets.removeLast()
      return takeInTag(octet, after: UInt8(ascii: "<"))
    case _ where octets == Self.commentStart:
      place = .comment
      // The hyphens that begin a comment do not also end it.
      last = (0, 0)
      octets.removeAll(keepingCapacity: true)
    case _ where octets == Self.sectionStart:
      place = .section
      defer { octets.removeAll(keepingCapacity: true) }
      return .text(octets, isSound: true)
    case _ where Self.commentStart.starts(with: octets) || Self.sectionStart.starts(with: octets): break
    // RFC 6120 section 11.1 forbids a document type, and nothing else begins like this.
    default: return .failed(.restrictedXML)
    }
    return nil
  }

  private mutating func endTag(isEmpty: Bool) -> Token {
    let reason: XMLStreamError? =
      if octets.count > limits.tagBytes || tag.isNameTooLong {
        .tooLarge
      } else if tag.attributeCount > limits.attributes {
        .tooManyAttributes
      } else if tag.hasMarkupInValue || !XMLCharacters.areSound(octets) {
        .notWellFormed
      } else {
        nil
      }
    return end(.tag(reason == nil ? octets : tag.reduced(isEmpty: isEmpty), reduced: reason))
  }

  // MARK: Character data

  private mutating func takeText(from input: inout ByteBufferView) -> Token? {
    let end = input.firstIndex(of: UInt8(ascii: "<"))
    octets += input[..<(end ?? input.endIndex)]
    input = input[(end ?? input.endIndex)...]
    guard end != nil else {
      let rest = XMLCharacters.removeUnfinished(from: &octets)
      return takeCharacters(XMLCharacters.removeUnfinishedReference(from: &octets) + rest)
    }
    if !octets.isEmpty { return takeCharacters() }
    input.removeFirst()
    place = .opening
    octets = [UInt8(ascii: "<")]
    return nil
  }

  /// - Parameter rest: the octets that can only be judged together with what follows.
  private mutating func takeCharacters(_ rest: [UInt8] = []) -> Token? {
    defer { octets = rest }
    guard !octets.isEmpty else { return nil }
    let isText = if case .text = place { true } else { false }
    let isSound = XMLCharacters.areSound(octets) && (!isText || XMLCharacters.haveWholeReferences(octets))
    return .text(isSound ? octets : XMLCharacters.repaired(octets), isSound: isSound)
  }
}
