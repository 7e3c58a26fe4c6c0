import XMPP

/// XEP-0320: the hash of the certificate that the DTLS handshake must show, and who opens that handshake.
package struct DTLSFingerprint: ElementConvertible {
  /// RFC 4145 section 4, as RFC 5763 uses it.
  package enum Setup: String, Hashable, Sendable {
    case active
    case passive
    case actpass
    case holdconn
  }

  /// A SHA-512 fingerprint has 191 characters.
  package static let textLimit = 256

  /// `sha-256` and its kin (RFC 8122), lower case.
  package var hash: String
  package var setup: Setup?
  /// Pairs of hexadecimal digits with colons between, as the peer wrote them but for space around.
  package var text: String

  package init(hash: String = "sha-256", setup: Setup?, text: String) {
    self.hash = hash
    self.setup = setup
    self.text = text
  }

  package init(_ element: XMLElement) throws(JingleError) {
    try element.expect("fingerprint", Namespace.dtls)
    guard let hash = element.token("hash")?.lowercased() else { throw .missingAttribute("hash", of: element.name) }
    self.hash = hash
    setup = try element.choice("setup")
    let text = element.text.filter { !$0.isWhitespace }
    guard !text.isEmpty, text.utf8.count <= Self.textLimit else { throw .missingElement("text", of: element.name) }
    self.text = text
  }

  package var element: XMLElement {
    var element = XMLElement(
      "fingerprint", namespace: Namespace.dtls, attributes: ["hash": hash], children: [.text(text)])
    element["setup"] = setup?.rawValue
    return element
  }
}
