/// Why an XML stream cannot be read any further (RFC 6120 sections 4.9.3 and 11).
package enum XMLStreamError: Error, Hashable, Sendable {
  case notWellFormed
  case badNamespacePrefix
  /// The stream contains what RFC 6120 section 11.1 forbids: comments, processing instructions, a DTD, or entities
  /// other than the predefined ones.
  case restrictedXML
  /// The stream is not UTF-8, or begins with a byte order mark (RFC 6120 section 11.6).
  case unsupportedEncoding
  /// There is text between stanzas, where only white space is allowed (RFC 6120 section 11.7).
  case textBetweenStanzas
  case tooManyAttributes
  case tooLarge

  /// The stream error condition for the server (RFC 6120 section 4.9.3).
  package var condition: StreamErrorCondition {
    switch self {
    case .notWellFormed: .notWellFormed
    case .badNamespacePrefix: .badNamespacePrefix
    case .restrictedXML: .restrictedXML
    case .unsupportedEncoding: .unsupportedEncoding
    case .textBetweenStanzas: .badFormat
    case .tooManyAttributes, .tooLarge: .policyViolation
    }
  }
}

extension XMLStreamError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notWellFormed: "the XML is not well-formed"
    case .badNamespacePrefix: "a namespace prefix is not declared"
    case .restrictedXML: "the XML uses what XMPP forbids"
    case .unsupportedEncoding: "the XML is not UTF-8"
    case .textBetweenStanzas: "there is text between stanzas"
    case .tooManyAttributes: "an element has too many attributes"
    case .tooLarge: "a stanza is too large"
    }
  }
}
