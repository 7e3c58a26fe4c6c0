import NIOCore

/// Writes elements into a stream whose header declared the content namespace as default and `stream` as the prefix of
/// the stream namespace (RFC 6120 section 4.8.5). A namespace is declared where it changes and nowhere else.
package enum XMLWriter {
  /// `namespace` is the default namespace in scope.
  package static func write(
    _ element: XMLElement, in namespace: String = Namespace.client, to buffer: inout ByteBuffer
  ) {
    let name = element.namespace == Namespace.streams ? "stream:" + element.name : element.name
    var scope = namespace
    buffer.writeString("<" + name)
    if element.namespace != Namespace.streams, element.namespace != namespace {
      scope = element.namespace
      writeAttribute("xmlns", scope, to: &buffer)
    }
    // Sorted, so that equal elements make equal bytes. No prefix but `xml` is ever declared.
    for (key, value) in element.attributes.sorted(by: { $0.key < $1.key })
    where key.hasPrefix("xml:") || !key.utf8.contains(UInt8(ascii: ":")) {
      writeAttribute(key, value, to: &buffer)
    }
    guard !element.children.isEmpty else {
      buffer.writeString("/>")
      return
    }
    buffer.writeString(">")
    for child in element.children {
      switch child {
      case .element(let child): write(child, in: scope, to: &buffer)
      case .text(let text): writeEscaped(text, isAttribute: false, to: &buffer)
      }
    }
    buffer.writeString("</" + name + ">")
  }

  package static func bytes(of element: XMLElement, in namespace: String = Namespace.client) -> ByteBuffer {
    var buffer = ByteBuffer()
    write(element, in: namespace, to: &buffer)
    return buffer
  }

  static func writeAttribute(_ name: String, _ value: String, to buffer: inout ByteBuffer) {
    buffer.writeString(" " + name + "='")
    writeEscaped(value, isAttribute: true, to: &buffer)
    buffer.writeString("'")
  }

  private static func writeEscaped(_ text: String, isAttribute: Bool, to buffer: inout ByteBuffer) {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": buffer.writeString("&amp;")
      case "<": buffer.writeString("&lt;")
      case ">": buffer.writeString("&gt;")
      case "'" where isAttribute: buffer.writeString("&apos;")
      case "\"" where isAttribute: buffer.writeString("&quot;")
      // A reader would turn these into spaces or line feeds.
      case "\r": buffer.writeString("&#xD;")
      case "\n" where isAttribute: buffer.writeString("&#xA;")
      case "\t" where isAttribute: buffer.writeString("&#x9;")
      case "\n", "\t": buffer.writeString(String(scalar))
      // XML 1.0 has no way to write what is none of its characters.
      default: buffer.writeString(String(XMLCharacters.contains(scalar) ? scalar : "\u{FFFD}"))
      }
    }
  }
}
