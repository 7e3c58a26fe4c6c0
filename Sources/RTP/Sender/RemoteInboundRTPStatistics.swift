import NIOCore

/// How the peer receives the stream, according to its reports, named as in RTCRemoteInboundRtpStreamStats of W3C
/// webrtc-stats.
package struct RemoteInboundRTPStatistics: Hashable, Sendable {
  /// The packets lost; negative where duplicates outnumber losses.
  package var packetsLost = 0
  /// The share of packets lost between the last two reports, 0...1.
  package var fractionLost = 0.0
  /// The interarrival jitter in seconds.
  package var jitter = 0.0
  /// The latest round-trip time; nil until it was measured.
  package var roundTripTime: TimeAmount?
  package var totalRoundTripTime = TimeAmount.zero
  package var roundTripTimeMeasurements = 0
  /// The number of reports on this stream. Not in webrtc-stats.
  package var reportsReceived = 0

  package init() {}
}
