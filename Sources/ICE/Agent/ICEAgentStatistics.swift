import NIOCore

/// The counters of an agent, named as in W3C's `RTCIceCandidatePairStats` where it has them.
package struct ICEAgentStatistics: Hashable, Sendable {
  package var currentRoundTripTime: TimeAmount?
  package var totalRoundTripTime = TimeAmount.zero
  /// The connectivity checks sent, including retransmissions.
  package var requestsSent = 0
  package var consentRequestsSent = 0
  package var requestsReceived = 0
  package var responsesSent = 0
  package var responsesReceived = 0
  /// The STUN messages that were malformed, not authentic, or no response to a request of ours.
  package var messagesDropped = 0

  package init() {}

  /// Adds the counters of another generation; the round-trip time of this one is kept if it has any.
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
