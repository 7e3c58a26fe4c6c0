/// Why a datagram is no STUN message (RFC 8489 section 6.3: such a message is silently discarded).
package enum STUNError: Error, Hashable, Sendable {
  /// Fewer bytes than the header has.
  case truncated
  /// The two most significant bits are not zero, or the magic cookie is missing.
  case notSTUN
  /// The length field is no multiple of four, or not what was received.
  case lengthMismatch
  /// An attribute reaches beyond the end of the message.
  case attributeOverrun(type: UInt16)
  /// The value of a known attribute has the wrong size or content.
  case malformedAttribute(type: UInt16)
  /// More attributes than any honest message has.
  case tooManyAttributes
  /// FINGERPRINT must be the last attribute.
  case fingerprintNotLast
  /// The CRC-32 in FINGERPRINT is another one than that of the message.
  case fingerprintMismatch
}
