import Foundation
import NIOCore

@testable import XMPP

/// The elements under `Fixtures`.
enum Fixture {
  static func text(_ name: String) throws -> String {
    let url = Bundle.module.resourceURL!.appendingPathComponent("Fixtures/\(name).xml")
    return try String(contentsOf: url, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// As the stream's parser delivers it.
  static func element(_ name: String) throws -> XMLElement {
    let parser = XMLStreamParser()
    let header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
    parser.receive(ByteBuffer(string: try header + text(name)))
    while let event = parser.pollEvent() {
      if case .stanza(let element) = event { return element }
    }
    throw CocoaError(.fileReadCorruptFile)
  }
}
