import NIOCore
import Testing

@testable import XMPP

@Suite("XML writer")
struct XMLWriterTests {
  @Test("a namespace is declared only where it changes")
  func namespaces() {
    let element = XMLElement(
      "iq", namespace: Namespace.client, attributes: ["type": "set", "id": "1"],
      children: [
        .element(
          XMLElement(
            "query", namespace: "urn:q",
            children: [
              .element(XMLElement("item", namespace: "urn:q")),
              .element(XMLElement("other", namespace: Namespace.client)),
            ]))
      ])
    #expect(
      String(buffer: XMLWriter.bytes(of: element))
        == "<iq id='1' type='set'><query xmlns='urn:q'><item/><other xmlns='jabber:client'/></query></iq>")
  }

  @Test("stream elements have the prefix that the header declared")
  func streamPrefix() {
    let error = XMLElement(
      "error", namespace: Namespace.streams,
      children: [.element(XMLElement("reset", namespace: Namespace.streamErrors))])
    #expect(
      String(buffer: XMLWriter.bytes(of: error))
        == "<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>")
  }

  @Test("text and attributes of any content are read back equally")
  func roundTrip() {
    let nasty = "<&>\"' ]]> \t\r\n \u{E9}\u{1F600}</a>"
    let element = XMLElement(
      "a", namespace: "urn:'<&>", attributes: ["b": nasty, "xml:lang": nasty], children: [.text(nasty)])
    let text = XMLStreamParserTests.header + String(buffer: XMLWriter.bytes(of: element))
    #expect(XMLStreamParserTests.events(text).dropFirst() == [.stanza(element)])
  }

  @Test("characters that XML cannot express are replaced, and undeclared prefixes are left out")
  func unwritable() {
    let element = XMLElement(
      "a", namespace: Namespace.client, attributes: ["x:y": "1"], children: [.text("\u{0}\u{1B}b")])
    #expect(String(buffer: XMLWriter.bytes(of: element)) == "<a>\u{FFFD}\u{FFFD}b</a>")
  }
}
