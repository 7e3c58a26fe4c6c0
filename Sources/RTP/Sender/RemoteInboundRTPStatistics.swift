import NIOCore

/// RTCRemoteInboundRtpStreamStats of W3C webrtc-stats: how the peer receives the stream, by its reports.
package struct RemoteInboundRTPStatistics: Hashable, Sendable {
  /// May be negative: duplicates count against losses.
  package var packetsLost = 0
  /// 0...1, since the report before.
  package var fractionLost = 0.0
  /// Seconds.
  package var jitter = 0.0
  /// nil until measured.
  package var roundTripTime: TimeAmount?
  package var totalRoundTripTime = TimeAmount.zero
  package var roundTripTimeMeasurements = 0
  /// Not in webrtc-stats: reports about this stream.
  package var reportsReceived = 0

  package init() {}
}
