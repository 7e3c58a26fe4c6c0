import NIOCore

/// Writes elements to a stream whose header has declared the content namespace as the default and `stream` as the
/// prefix of the stream namespace (RFC 6120 section 4.8.5). A namespace is declared only where it changes.
package enum XMLWriter {
  /// Writes an element.
  ///
  /// - Parameter namespace: the default namespace in scope.
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
    // They are sorted so that equal elements yield equal bytes. No prefix but `xml` is ever declared.
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
      // A reader would convert these to spaces or line feeds.
      case "\r": buffer.writeString("&#xD;")
      case "\n" where isAttribute: buffer.writeString("&#xA;")
      case "\t" where isAttribute: buffer.writeString("&#x9;")
      case "\n", "\t": buffer.writeString(String(scalar))
      // XML 1.0 cannot express what is not one of its characters.
      default: buffer.writeString(String(XMLCharacters.contains(scalar) ? scalar : "\u{FFFD}"))
      }
    }
  }
}
