import CXML2

/// The SAX2 callbacks of libxml2, which call the parser that is their user data.
extension XMLStreamParser {
  static var handler: xmlSAXHandler {
    var sax = xmlSAXHandler()
    sax.initialized = UInt32(XML_SAX2_MAGIC)
    sax.startElementNs = { user, name, _, uri, _, _, count, _, attributes in
      guard let name else { return }
      XMLStreamParser.parser(user)?.startElement(
        SAXElement(name: name, namespace: uri, attributes: attributes, attributeCount: Int(count)))
    }
    sax.endElementNs = { user, _, _, _ in XMLStreamParser.parser(user)?.endElement() }
    sax.characters = { user, text, count in
      XMLStreamParser.parser(user)?.characters(UnsafeBufferPointer(start: text, count: Int(count)))
    }
    sax.ignorableWhitespace = sax.characters
    sax.cdataBlock = sax.characters
    // The only processing instruction that libxml2 is passed looks like the XML declaration.
    sax.processingInstruction = { user, _, _ in XMLStreamParser.parser(user)?.fail(.restrictedXML) }
    sax.serror = { user, error in
      guard let error, error.pointee.level.rawValue >= XML_ERR_ERROR.rawValue else { return }
      let parser = XMLStreamParser.parser(user)
      switch xmlParserErrors(UInt32(bitPattern: error.pointee.code)) {
      // A namespace name that is no URI, or a relative one, is deprecated but no error.
      case XML_WAR_NS_URI, XML_WAR_NS_URI_RELATIVE: break
      // After these errors libxml2 continues with the same elements open.
      case XML_NS_ERR_XML_NAMESPACE, XML_NS_ERR_UNDEFINED_NAMESPACE, XML_NS_ERR_QNAME,
        XML_NS_ERR_ATTRIBUTE_REDEFINED, XML_NS_ERR_EMPTY, XML_NS_ERR_COLON:
        parser?.damage(.badNamespacePrefix)
      case XML_ERR_UNDECLARED_ENTITY, XML_WAR_UNDECLARED_ENTITY:
        parser?.damage(.restrictedXML)
      case XML_ERR_ATTRIBUTE_REDEFINED, XML_ERR_INVALID_CHAR, XML_ERR_INVALID_CHARREF, XML_ERR_INVALID_DEC_CHARREF,
        XML_ERR_INVALID_HEX_CHARREF, XML_ERR_NAME_REQUIRED, XML_ERR_ENTITYREF_NO_NAME,
        XML_ERR_ENTITYREF_SEMICOL_MISSING, XML_ERR_MISPLACED_CDATA_END:
        parser?.damage(.notWellFormed)
      default: parser?.fail(.notWellFormed)
      }
    }
    return sax
  }

  private static func parser(_ user: UnsafeMutableRawPointer?) -> XMLStreamParser? {
    user.map { Unmanaged<XMLStreamParser>.fromOpaque($0).takeUnretainedValue() }
  }

  /// A start tag, valid only during a callback.
  struct SAXElement {
    let name: UnsafePointer<xmlChar>
    let namespace: UnsafePointer<xmlChar>?
    /// Five pointers for each attribute: local name, prefix, namespace, and the beginning and end of the value.
    fileprivate let attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
    let attributeCount: Int

    /// - Parameter string: returns the string of a name, which may be cached.
    func makeElement(_ string: (UnsafePointer<xmlChar>) -> String) -> XMLElement {
      var element = XMLElement(string(name), namespace: namespace.map(string) ?? "")
      for index in 0..<attributeCount {
        guard let attributes, let local = attributes[index * 5], let begin = attributes[index * 5 + 3],
          let end = attributes[index * 5 + 4]
        else { continue }
        let prefix = attributes[index * 5 + 1].map { string($0) + ":" } ?? ""
        let value = UnsafeBufferPointer(start: begin, count: end - begin)
        element[prefix + string(local)] = String(decoding: value, as: UTF8.self)
      }
      return element
    }
  }
}
