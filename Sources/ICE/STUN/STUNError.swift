/// Why a datagram is not a valid STUN message, which is silently discarded (RFC 8489 section 6.3).
package enum STUNError: Error, Hashable, Sendable {
  /// The datagram is shorter than the header.
  case truncated
  /// The two most significant bits are not zero, or the magic cookie is missing.
  case notSTUN
  /// The length field is not a multiple of four, or does not match the datagram.
  case lengthMismatch
  /// An attribute extends beyond the end of the message.
  case attributeOverrun(type: UInt16)
  /// The value of a known attribute has the wrong size or content.
  case malformedAttribute(type: UInt16)
  /// The message has more attributes than any legitimate one.
  case tooManyAttributes
  /// An attribute follows FINGERPRINT, which must be the last one.
  case fingerprintNotLast
  /// The CRC-32 in FINGERPRINT does not match the message.
  case fingerprintMismatch
}
