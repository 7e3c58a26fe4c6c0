/// The XML namespaces of the core protocol; an extension's stand with the extension.
package enum Namespace {
  /// RFC 6120 section 4.8.2: the content namespace of a client's stream.
  package static let client = "jabber:client"
  /// RFC 6120 section 4.8.1.
  package static let streams = "http://etherx.jabber.org/streams"
  /// RFC 6120 section 4.9.2.
  package static let streamErrors = "urn:ietf:params:xml:ns:xmpp-streams"
  /// RFC 6120 section 5.4.2.
  package static let tls = "urn:ietf:params:xml:ns:xmpp-tls"
  /// RFC 6120 section 6.4.
  package static let sasl = "urn:ietf:params:xml:ns:xmpp-sasl"
  /// XEP-0440 section 3.
  package static let saslChannelBinding = "urn:xmpp:sasl-cb:0"
  /// RFC 6120 section 7.4.
  package static let bind = "urn:ietf:params:xml:ns:xmpp-bind"
  /// RFC 3921 section 3; RFC 6121 keeps it for old servers.
  package static let session = "urn:ietf:params:xml:ns:xmpp-session"
  /// RFC 6120 section 8.3.2.
  package static let stanzaErrors = "urn:ietf:params:xml:ns:xmpp-stanzas"
}
