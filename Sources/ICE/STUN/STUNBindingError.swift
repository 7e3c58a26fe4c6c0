/// Why a STUN server told no mapped address (RFC 8489 section 6.3.4).
package enum STUNBindingError: Error, Hashable, Sendable {
  case timeout
  case rejected(STUNErrorCode)
  /// A success without an address, or an error without a code.
  case malformedResponse
  /// A success with an address that nobody can have.
  case unusableAddress
  /// The system refuses to send, or to receive; the driver's words.
  case disconnected(String)
}
