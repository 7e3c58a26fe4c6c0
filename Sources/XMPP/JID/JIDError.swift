/// Why a text is not a JID (RFC 7622 section 3).
package enum JIDError: Error, Hashable, Sendable {
  /// The domain is empty, or a part is empty although its separator is present (`@example.org`, `example.org/`).
  case empty(JID.Part)
  /// A part is longer than 1023 octets.
  case tooLong(JID.Part)
  /// The part contains a code point that its profile disallows.
  case disallowed(Unicode.Scalar, in: JID.Part)
  /// The domain has a label that DNS does not allow, or is a malformed address literal.
  case malformedDomain
}
