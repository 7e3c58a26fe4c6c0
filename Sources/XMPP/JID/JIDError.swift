/// Why a text is no JID (RFC 7622 section 3).
package enum JIDError: Error, Hashable, Sendable {
  /// A part is there by its separator (`@example.org`, `example.org/`) or by necessity (the domain), but empty.
  case empty(JID.Part)
  /// A part is longer than 1023 octets.
  case tooLong(JID.Part)
  /// A code point that the part's profile disallows.
  case disallowed(Unicode.Scalar, in: JID.Part)
  /// The domain has a label that no DNS name can have, or a malformed address literal.
  case malformedDomain
}
