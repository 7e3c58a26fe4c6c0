import NIOCore

/// Counts of a transport, named as in W3C webrtc-stats (`RTCIceCandidatePairStats`, `RTCTransportStats`).
package struct ICETransportStatistics: Hashable, Sendable {
  /// The agent's: checks, consent, round-trip times.
  package var checks = ICEAgentStatistics()
  package var packetsSent = 0
  package var bytesSent = 0
  package var packetsReceived = 0
  package var bytesReceived = 0
  /// Nothing could be sent: there was no pair, or the relay has no permission yet.
  package var packetsDiscardedOnSend = 0
  /// What came in and was nobody's.
  package var datagramsDropped = 0

  package var currentRoundTripTime: TimeAmount? { checks.currentRoundTripTime }
  package var totalRoundTripTime: TimeAmount { checks.totalRoundTripTime }
  package var requestsSent: Int { checks.requestsSent }
  package var requestsReceived: Int { checks.requestsReceived }
  package var responsesSent: Int { checks.responsesSent }
  package var responsesReceived: Int { checks.responsesReceived }
  package var consentRequestsSent: Int { checks.consentRequestsSent }

  package init() {}
}
