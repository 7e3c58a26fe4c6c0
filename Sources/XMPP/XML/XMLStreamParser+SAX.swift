import CXML2

/// libxml2's SAX2 callbacks, each a step into the parser that libxml2 was given as user data.
extension XMLStreamParser {
  static var handler: xmlSAXHandler {
    var sax = xmlSAXHandler()
    sax.initialized = UInt32(XML_SAX2_MAGIC)
    sax.startElementNs = { user, name, prefix, uri, _, _, count, _, attributes in
      guard let parser = XMLStreamParser.parser(user), let name else { return }
      var element = XMLElement(String(cString: name), namespace: uri.map { String(cString: $0) } ?? "")
      // Five pointers an attribute: local name, prefix, namespace, begin and end of the value.
      for index in 0..<Int(count) {
        guard let attributes, let local = attributes[index * 5], let begin = attributes[index * 5 + 3],
          let end = attributes[index * 5 + 4]
        else { continue }
        let prefix = attributes[index * 5 + 1].map { String(cString: $0) + ":" } ?? ""
        let value = UnsafeBufferPointer(start: begin, count: end - begin)
        element[prefix + String(cString: local)] = String(decoding: value, as: UTF8.self)
      }
      parser.startElement(element)
    }
    sax.endElementNs = { user, _, _, _ in XMLStreamParser.parser(user)?.endElement() }
    sax.characters = { user, text, count in
      XMLStreamParser.parser(user)?.characters(UnsafeBufferPointer(start: text, count: Int(count)))
    }
    sax.ignorableWhitespace = sax.characters
    sax.cdataBlock = sax.characters
    sax.comment = { user, _ in XMLStreamParser.parser(user)?.fail(.restrictedXML) }
    sax.processingInstruction = { user, _, _ in XMLStreamParser.parser(user)?.fail(.restrictedXML) }
    // Called at the name of any document type, before what it declares.
    sax.internalSubset = { user, _, _, _ in XMLStreamParser.parser(user)?.fail(.restrictedXML) }
    sax.reference = { user, _ in XMLStreamParser.parser(user)?.fail(.restrictedXML) }
    sax.serror = { user, error in
      guard let error, error.pointee.level.rawValue >= XML_ERR_ERROR.rawValue else { return }
      switch xmlParserErrors(UInt32(bitPattern: error.pointee.code)) {
      // A namespace name that is no URI, or a relative one, is bad taste in whoever wrote the stanza, and no reason to
      // lose a stream that carries everybody's stanzas.
      case XML_WAR_NS_URI, XML_WAR_NS_URI_RELATIVE: break
      case XML_NS_ERR_UNDEFINED_NAMESPACE, XML_NS_ERR_XML_NAMESPACE, XML_NS_ERR_EMPTY:
        XMLStreamParser.parser(user)?.fail(.badNamespacePrefix)
      case XML_ERR_UNDECLARED_ENTITY, XML_WAR_UNDECLARED_ENTITY:
        XMLStreamParser.parser(user)?.fail(.restrictedXML)
      default:
        XMLStreamParser.parser(user)?.fail(.notWellFormed)
      }
    }
    return sax
  }

  private static func parser(_ user: UnsafeMutableRawPointer?) -> XMLStreamParser? {
    user.map { Unmanaged<XMLStreamParser>.fromOpaque($0).takeUnretainedValue() }
  }
}
