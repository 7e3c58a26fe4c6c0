/// What was received of the peer's stream, named as in RTCInboundRtpStreamStats of W3C webrtc-stats.
package struct InboundRTPStatistics: Hashable, Sendable {
  package var packetsReceived = 0
  /// The number of payload bytes, without headers and padding.
  package var bytesReceived = 0
  package var headerBytesReceived = 0
  /// The packets lost; negative where duplicates outnumber losses.
  package var packetsLost = 0
  /// The most that were held to be lost at a time: a count that does not fall when one arrives after all.
  package var mostPacketsLost = 0
  /// The packets that belong to no stream.
  package var packetsDiscarded = 0
  /// The interarrival jitter in seconds.
  package var jitter = 0.0

  package init() {}
}
