/// Counts of a TURN client, named as in W3C webrtc-stats where it has a name.
package struct TURNStatistics: Hashable, Sendable {
  /// Requests, retransmissions included.
  package var requestsSent = 0
  package var responsesReceived = 0
  /// Datagrams from the server that were malformed, or data from peers and channels without a permission.
  package var datagramsDropped = 0
  /// Responses whose signature was missing or wrong.
  package var responsesRefused = 0
}
