/// What a transport sent and received besides STUN, TURN and DTLS of its own (W3C webrtc-stats, RTCTransportStats).
package struct MediaTransportStatistics: Sendable {
  package internal(set) var bytesSent = 0
  package internal(set) var packetsSent = 0
  package internal(set) var bytesReceived = 0
  package internal(set) var packetsReceived = 0
  /// Datagrams that belonged to nothing, or failed their integrity check.
  package internal(set) var packetsDiscarded = 0
  /// RTP that came in although we want none. It is not decrypted, and no report block tells of it (RFC 3550 section
  /// 6.4): the peer's congestion control would only send more of what nobody looks at.
  package internal(set) var mediaPacketsIgnored = 0
}
