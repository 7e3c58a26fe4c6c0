/// RTCOutboundRtpStreamStats of W3C webrtc-stats: one media stream, its retransmissions included.
package struct OutboundRTPStatistics: Hashable, Sendable {
  package var packetsSent = 0
  /// Payload bytes, without RTP headers.
  package var bytesSent = 0
  package var headerBytesSent = 0
  package var retransmittedPacketsSent = 0
  package var retransmittedBytesSent = 0
  package var framesSent = 0
  package var keyFramesSent = 0
  /// Feedback packets received, before any limit.
  package var nackCount = 0
  package var firCount = 0
  package var pliCount = 0
  /// Not in webrtc-stats: requests for a packet that was gone, on its way already, or beyond the budget.
  package var retransmissionsSuppressed = 0

  package init() {}
}
