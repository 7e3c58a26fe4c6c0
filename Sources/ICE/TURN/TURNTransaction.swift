import NIOCore

/// A request that awaits its response (RFC 8489 section 6.2).
struct TURNTransaction: Sendable {
  enum Purpose: Hashable, Sendable {
    case allocate
    case refresh
    /// A Refresh with a lifetime of 0.
    case release
    /// A permission for the peers with this IP address.
    case permit(SocketAddress)
    /// A binding of the channel with this number.
    case bind(UInt16)
  }

  let purpose: Purpose
  /// The request without the attributes of the authentication.
  let request: STUNMessage
  let encoded: ByteBuffer
  let isAuthenticated: Bool
  /// Whether the request repeats one that was refused with 438, which is done only once.
  let followsStaleNonce: Bool
  /// Why responses were refused: they were signed with another key, or not signed although they had to be.
  var refusal: TURNError?
  var timer: RetransmissionTimer

  var id: TransactionID { request.transactionID }
}
