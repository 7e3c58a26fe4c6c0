import NIOCore

/// Cuts the octets of a stream into tokens (XML 1.0 sections 2.4 to 3.1), so that libxml2 is fed one at a time and each tag
/// as a whole.
///
/// It judges nothing that libxml2 can judge. What libxml2 could not read on behind, or could read at a price alone that
/// grows with the square of its size, is reduced to a tag of the same name: element by element libxml2 sees the stream that
/// the server sent.
struct XMLTokenizer {
  struct Limits: Sendable {
    /// Octets of a tag.
    var tagBytes = 32 << 10
    /// Attributes of a tag, namespace declarations among them.
    var attributes = 64
  }

  enum Token: Equatable {
    /// Character data, or a part of a CDATA section with its delimiters. Unsound: something in it was no character.
    case text([UInt8], isSound: Bool)
    /// A whole tag; in place of one that is not to be read, a tag of its name, and why.
    case tag([UInt8], reduced: XMLStreamError?)
    /// The XML declaration, or what claims to be one.
    case declaration([UInt8])
    /// A comment or a processing instruction has ended, of which nothing is told.
    case restricted
    /// What follows cannot be told apart into tokens.
    case failed(XMLStreamError)
  }

  private enum Place {
    case text
    /// Behind `<`, where it is not yet clear what begins.
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
  /// Of the token that has begun, as far as it may be kept.
  private var octets: [UInt8] = []
  /// The last two octets, newest last.
  private var last: (UInt8, UInt8) = (0, 0)
  private var tag = XMLTagOutline()
  private var isFirst = true

  init(limits: Limits) {
    self.limits = limits
  }

  /// The next token that `input` completes, removed from it; nil once it is used up.
  ///
  /// - Parameter isStanza: whether a tag that begins there is a stanza's, whose address is told though the tag be reduced.
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
      // In pieces, since a section may be as large as a stanza.
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

  /// One octet more than there may be is kept, by which it shows that there were more.
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
      // The hyphens that begin a comment are none that end it.
      last = (0, 0)
      octets.removeAll(keepingCapacity: true)
    case _ where octets == Self.sectionStart:
      place = .section
      defer { octets.removeAll(keepingCapacity: true) }
      return .text(octets, isSound: true)
    case _ where Self.commentStart.starts(with: octets) || Self.sectionStart.starts(with: octets): break
    // A document type is in no place that RFC 6120 section 11.1 allows, and nothing else begins like this.
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

  /// - Parameter rest: what may only be seen with what follows.
  private mutating func takeCharacters(_ rest: [UInt8] = []) -> Token? {
    defer { octets = rest }
    guard !octets.isEmpty else { return nil }
    let isText = if case .text = place { true } else { false }
    let isSound = XMLCharacters.areSound(octets) && (!isText || XMLCharacters.haveWholeReferences(octets))
    return .text(isSound ? octets : XMLCharacters.repaired(octets), isSound: isSound)
  }
}
