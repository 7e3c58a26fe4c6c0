/// W3C's `RTCIceTransportState`, with RFC 8445's words behind it.
package enum ICETransportState: Hashable, Sendable {
  case new
  case checking
  /// A pair is valid: data flows on the best one.
  case connected
  /// A pair is nominated and no check is under way; W3C also wants an end-of-candidates mark, which nobody sends.
  case completed
  /// Nothing was heard of the peer for a while; data still goes out, and it may come back.
  case disconnected
  /// Final: no pair works (RFC 8863), or consent expired (RFC 7675).
  case failed
  case closed
}
