import NIOCore

/// A request of ours that waits for its response (RFC 8489 section 6.2).
struct TURNTransaction: Sendable {
  enum Purpose: Hashable, Sendable {
    case allocate
    case refresh
    /// Refresh with a lifetime of 0.
    case release
    /// For the peers of this IP address.
    case permit(SocketAddress)
    /// For the channel of this number.
    case bind(UInt16)
  }

  let purpose: Purpose
  /// Without the attributes of authentication.
  let request: STUNMessage
  let encoded: ByteBuffer
  let isAuthenticated: Bool
  /// A 438 is answered by one more try, not by many.
  let followsStaleNonce: Bool
  /// Responses came that were signed by another key, or that were not signed and had to be.
  var refusal: TURNError?
  var timer: RetransmissionTimer

  var id: TransactionID { request.transactionID }
}
