/// The endpoint that opens the DTLS association: the values of `a=setup` that an answer can have (RFC 4145 section 4,
/// RFC 5763 section 5).
package enum DTLSRole: Hashable, Sendable {
  /// The DTLS client, which sends the ClientHello.
  case active
  /// The DTLS server, which waits for it.
  case passive
}
