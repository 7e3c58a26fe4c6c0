import ICE

/// A candidate pair and what became of it.
package struct TriedPair: Codable, Sendable, Equatable {
  package struct Candidate: Codable, Sendable, Equatable {
    /// RTCIceCandidateType of W3C webrtc.
    package var type: String
    package var address: String
    /// How we speak with the TURN server.
    package var relayProtocol: String?
  }

  package var local: Candidate
  package var remote: Candidate
  /// RTCStatsIceCandidatePairState of W3C webrtc-stats.
  package var state: String
  /// Whether it carries the call.
  package var isSelected: Bool
  /// Seconds.
  package var roundTripTime: Double?

  init(_ pair: CandidatePairStatistics, selected: CandidatePairDescription?) {
    local = Candidate(pair.local)
    remote = Candidate(pair.remote)
    state = pair.state.rawValue
    isSelected =
      selected.map { $0.local.address == pair.local.address && $0.remote.address == pair.remote.address } ?? false
    roundTripTime = pair.roundTripTime?.seconds
  }
}

extension TriedPair.Candidate {
  init(_ candidate: ICECandidate) {
    type = candidate.kind.statisticsName
    address = candidate.address.text
    relayProtocol = candidate.relayProtocol?.rawValue
  }

  /// For people.
  package var text: String { "\(type) \(address)" + (relayProtocol.map { " (TURN over \($0.uppercased()))" } ?? "") }
}

extension CandidatePairDescription {
  /// For people.
  package var text: String { "\(TriedPair.Candidate(local).text) to \(TriedPair.Candidate(remote).text)" }
}
