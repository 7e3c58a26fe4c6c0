import NIOCore

/// The result of checking one candidate pair, after W3C's `RTCIceCandidatePairStats`.
package struct CandidatePairStatistics: Hashable, Sendable {
  /// The state of the pair, as W3C's `RTCStatsIceCandidatePairState` names it.
  package enum State: String, Hashable, Sendable {
    /// The pair has not been checked yet.
    case waiting
    /// The pair was checked and the peer has not answered.
    case inProgress = "in-progress"
    case succeeded
    case failed
  }

  package let local: ICECandidate
  package let remote: ICECandidate
  package let state: State
  package let isNominated: Bool
  /// The round-trip time; nil where no check was answered after its first transmission.
  package let roundTripTime: TimeAmount?
}

extension ICEAgent {
  /// All pairs of this generation, each once: the present ones by descending priority, then those removed, the latest
  /// first, as far as they are kept.
  package var pairStatistics: [CandidatePairStatistics] {
    var known: Set<[SocketAddress]> = []
    let pairs = checklist.pairs.sorted { $0.priority > $1.priority } + checklist.retired.reversed()
    return pairs.filter { known.insert([$0.local.address, $0.remote.address]).inserted }.map(\.statistics)
  }
}

extension CandidatePair {
  fileprivate var statistics: CandidatePairStatistics {
    let state: CandidatePairStatistics.State =
      switch state {
      case .waiting: .waiting
      case .inProgress: .inProgress
      case .succeeded: .succeeded
      case .failed: .failed
      }
    return CandidatePairStatistics(
      local: local, remote: remote, state: state, isNominated: isNominated, roundTripTime: roundTripTime)
  }
}
