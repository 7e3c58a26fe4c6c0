/// The counters of a TURN client, named as in W3C webrtc-stats where it has them.
package struct TURNStatistics: Hashable, Sendable {
  /// The requests sent, including retransmissions.
  package var requestsSent = 0
  package var responsesReceived = 0
  /// The datagrams from the server that were malformed, and data from peers and channels without a permission.
  package var datagramsDropped = 0
  /// The responses whose signature was missing or wrong.
  package var responsesRefused = 0
}
