import NIOCore

/// The counters of a transport, named as in W3C webrtc-stats (`RTCIceCandidatePairStats`, `RTCTransportStats`).
package struct ICETransportStatistics: Hashable, Sendable {
  /// The counters of the agents: checks, consent and round-trip times.
  package var checks = ICEAgentStatistics()
  package var packetsSent = 0
  package var bytesSent = 0
  package var packetsReceived = 0
  package var bytesReceived = 0
  /// The packets that could not be sent, since there was no pair or no permission on the relay.
  package var packetsDiscardedOnSend = 0
  /// The datagrams received that belonged to nothing.
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
