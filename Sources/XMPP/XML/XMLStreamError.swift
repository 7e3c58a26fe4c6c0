/// Why an XML stream cannot be read on, RFC 6120 sections 4.9.3 and 11.
package enum XMLStreamError: Error, Hashable, Sendable {
  case notWellFormed
  case badNamespacePrefix
  /// RFC 6120 section 11.1: comments, processing instructions, DTDs, entities other than the predefined ones.
  case restrictedXML
  /// RFC 6120 section 11.6: a stream is UTF-8, without a byte order mark.
  case unsupportedEncoding
  /// RFC 6120 section 11.7: between stanzas there is white space or nothing.
  case textBetweenStanzas
  case tooManyAttributes
  case tooLarge

  /// The stream error condition that tells the server, RFC 6120 section 4.9.3.
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
    case .notWellFormed: "not well-formed"
    case .badNamespacePrefix: "an undeclared prefix"
    case .restrictedXML: "XML that XMPP forbids"
    case .unsupportedEncoding: "not UTF-8"
    case .textBetweenStanzas: "text between stanzas"
    case .tooManyAttributes: "too many attributes"
    case .tooLarge: "too large a stanza"
    }
  }
}
