import NIOCore

/// The statistics of one outgoing media stream, its retransmissions and probes included, named as in
/// RTCOutboundRtpStreamStats of W3C webrtc-stats.
package struct OutboundRTPStatistics: Hashable, Sendable {
  package var packetsSent = 0
  /// The payload bytes sent, without RTP headers.
  package var bytesSent = 0
  package var headerBytesSent = 0
  package var retransmittedPacketsSent = 0
  package var retransmittedBytesSent = 0
  /// The packets that were sent again although nobody missed them, to find out what the path takes, and their payload.
  /// Not in webrtc-stats, whose retransmissions they are not.
  package var probePacketsSent = 0
  package var probeBytesSent = 0
  /// The time that packets have waited between the packetizer and the socket, all together. A frame is packetized when
  /// its turn has come, so that the time counts from when the frame was held.
  package var totalPacketSendDelay = TimeAmount.zero
  package var framesSent = 0
  package var keyFramesSent = 0
  /// The feedback packets received, whether or not they had an effect.
  package var nackCount = 0
  package var firCount = 0
  package var pliCount = 0
  /// The requests for a packet that was no longer stored, was already queued or sent, or exceeded the budget. Not in
  /// webrtc-stats.
  package var retransmissionsSuppressed = 0

  package init() {}
}
