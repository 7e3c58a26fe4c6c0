import Foundation
import NIOCore
import XMPP

/// The elements under `Fixtures`.
enum Fixture {
  private static let header =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"

  struct Failure: Error {}

  static func text(_ name: String) throws -> String {
    let url = Bundle.module.resourceURL!.appendingPathComponent("Fixtures/\(name).xml")
    return try String(contentsOf: url, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  static func element(_ name: String) throws -> XMLElement {
    try parse(text(name))
  }

  /// As the stream's parser delivers it, without the white space that is there for people.
  static func parse(_ text: String) throws -> XMLElement {
    let parser = XMLStreamParser()
    parser.receive(ByteBuffer(string: header + text))
    while let event = parser.pollEvent() {
      if case .stanza(let element) = event { return withoutIndentation(element) }
    }
    throw Failure()
  }

  private static func withoutIndentation(_ element: XMLElement) -> XMLElement {
    var copy = element
    copy.children = element.children.compactMap { child in
      switch child {
      case .element(let element): .element(withoutIndentation(element))
      case .text(let text): text.allSatisfy(\.isWhitespace) ? nil : child
      }
    }
    return copy
  }
}
