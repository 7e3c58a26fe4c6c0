/// The XML namespaces of the core protocol; that of an extension is defined with the extension.
package enum Namespace {
  /// The content namespace of a client's stream (RFC 6120 section 4.8.2).
  package static let client = "jabber:client"
  /// The stream namespace (RFC 6120 section 4.8.1).
  package static let streams = "http://etherx.jabber.org/streams"
  /// The namespace of stream error conditions (RFC 6120 section 4.9.2).
  package static let streamErrors = "urn:ietf:params:xml:ns:xmpp-streams"
  /// The namespace of STARTTLS (RFC 6120 section 5.4.2).
  package static let tls = "urn:ietf:params:xml:ns:xmpp-tls"
  /// The namespace of SASL (RFC 6120 section 6.4).
  package static let sasl = "urn:ietf:params:xml:ns:xmpp-sasl"
  /// The namespace of channel-binding types (XEP-0440 section 3).
  package static let saslChannelBinding = "urn:xmpp:sasl-cb:0"
  /// The namespace of resource binding (RFC 6120 section 7.4).
  package static let bind = "urn:ietf:params:xml:ns:xmpp-bind"
  /// The namespace of session establishment (RFC 3921 section 3), which RFC 6121 keeps for old servers.
  package static let session = "urn:ietf:params:xml:ns:xmpp-session"
  /// The namespace of stanza error conditions (RFC 6120 section 8.3.2).
  package static let stanzaErrors = "urn:ietf:params:xml:ns:xmpp-stanzas"
}
