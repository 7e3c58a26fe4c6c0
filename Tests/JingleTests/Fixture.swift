import Foundation
import Jingle
import NIOCore
import XMPP

/// The stanzas under `Fixtures`, as the stream's parser delivers them, without the white space that is there for people.
enum Fixture {
  static let header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"

  static let names: [String] = {
    let files = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (files ?? []).filter { $0.hasSuffix(".xml") }.map { String($0.dropLast(4)) }.sorted()
  }()

  static func stanza(_ name: String) throws -> XMLElement {
    let text = try String(contentsOf: folder.appendingPathComponent("\(name).xml"), encoding: .utf8)
    return try parse(text)
  }

  static func jingle(_ name: String) throws -> Jingle {
    guard let element = try stanza(name).jingle else { throw Failure() }
    return try Jingle(element)
  }

  static func parse(_ text: String) throws -> XMLElement {
    let parser = XMLStreamParser()
    parser.receive(ByteBuffer(string: header + text))
    while let event = parser.pollEvent() {
      if case .stanza(let stanza) = event { return stanza.withoutIndentation }
    }
    throw Failure()
  }

  struct Failure: Error {}

  private static let folder = Bundle.module.resourceURL!.appendingPathComponent("Fixtures")
}

extension XMLElement {
  var jingle: XMLElement? { first("jingle", "urn:xmpp:jingle:1") }

  var withoutIndentation: XMLElement {
    var copy = self
    copy.children = children.compactMap { child in
      switch child {
      case .element(let element): .element(element.withoutIndentation)
      case .text(let text): text.allSatisfy(\.isWhitespace) ? nil : child
      }
    }
    return copy
  }

  /// A copy with one attribute changed.
  func with(_ attribute: String, _ value: String?) -> XMLElement {
    var copy = self
    copy[attribute] = value
    return copy
  }

  /// A copy with one child more.
  func adding(_ child: XMLElement) -> XMLElement {
    var copy = self
    copy.append(child)
    return copy
  }
}
