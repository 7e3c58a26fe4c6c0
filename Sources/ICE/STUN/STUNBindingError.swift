/// Why a STUN server returned no usable mapped address (RFC 8489 section 6.3.4).
package enum STUNBindingError: Error, Hashable, Sendable {
  case timeout
  case rejected(STUNErrorCode)
  /// A success response without an address, or an error response without a code.
  case malformedResponse
  /// A success response with an address that cannot be ours.
  case unusableAddress
  /// The system refuses to send or to receive; the text is the driver's.
  case disconnected(String)
}
