import NIOCore

/// Counts of an agent, named as `RTCIceCandidatePairStats` where W3C has a name.
package struct ICEAgentStatistics: Hashable, Sendable {
  package var currentRoundTripTime: TimeAmount?
  package var totalRoundTripTime = TimeAmount.zero
  /// Connectivity checks, retransmissions included.
  package var requestsSent = 0
  package var consentRequestsSent = 0
  package var requestsReceived = 0
  package var responsesSent = 0
  package var responsesReceived = 0
  /// STUN that was malformed, not authentic, or about nothing we asked.
  package var messagesDropped = 0

  package init() {}
}
