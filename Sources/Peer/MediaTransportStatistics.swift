/// The counters of a transport, without STUN, TURN and DTLS of its own (W3C webrtc-stats, RTCTransportStats).
package struct MediaTransportStatistics: Sendable {
  package internal(set) var bytesSent = 0
  package internal(set) var packetsSent = 0
  package internal(set) var bytesReceived = 0
  package internal(set) var packetsReceived = 0
  /// The datagrams that belonged to no protocol, failed their integrity check, or came too fast.
  package internal(set) var packetsDiscarded = 0
  /// The RTP packets received that are of no media we want. They are neither decrypted nor reported (RFC 3550 section 6.4),
  /// since the peer's congestion control would only send more of what nobody watches.
  package internal(set) var mediaPacketsIgnored = 0
}
