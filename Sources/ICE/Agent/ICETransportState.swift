/// The state of a transport, W3C's `RTCIceTransportState`.
package enum ICETransportState: Hashable, Sendable {
  case new
  case checking
  /// A pair is valid, and data is sent on the best one.
  case connected
  /// A pair is nominated and no check is in progress. W3C also requires an end-of-candidates indication, which no
  /// client sends.
  case completed
  /// The peer has not answered for a while. Data is still sent, and the path may recover.
  case disconnected
  /// No pair works (RFC 8863) or consent has expired (RFC 7675). This state is final.
  case failed
  case closed
}
