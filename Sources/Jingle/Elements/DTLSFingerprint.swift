import XMPP

/// The hash of the certificate that the peer must present in the DTLS handshake, and the role in that handshake
/// (XEP-0320).
package struct DTLSFingerprint: ElementConvertible {
  /// The connection role (RFC 4145 section 4) as RFC 5763 section 5 uses it.
  package enum Setup: String, Hashable, Sendable {
    case active
    case passive
    case actpass
    case holdconn
  }

  /// The greatest length of the text in bytes; a SHA-512 fingerprint has 191 characters.
  package static let textLimit = 256

  /// The name of the hash function in lower case, such as `sha-256` (RFC 8122 section 5).
  package var hash: String
  package var setup: Setup?
  /// Pairs of hexadecimal digits separated by colons, as the peer wrote them but without white space.
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
