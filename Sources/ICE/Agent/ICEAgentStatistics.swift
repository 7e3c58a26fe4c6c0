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

  /// The counts of another generation besides; the newer one's round-trip time.
  mutating func add(_ other: ICEAgentStatistics) {
    currentRoundTripTime = currentRoundTripTime ?? other.currentRoundTripTime
    totalRoundTripTime = totalRoundTripTime + other.totalRoundTripTime
    requestsSent += other.requestsSent
    consentRequestsSent += other.consentRequestsSent
    requestsReceived += other.requestsReceived
    responsesSent += other.responsesSent
    responsesReceived += other.responsesReceived
    messagesDropped += other.messagesDropped
  }
}
