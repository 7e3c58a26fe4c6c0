import NIOCore

/// What became of one candidate pair; W3C's `RTCIceCandidatePairStats`.
package struct CandidatePairStatistics: Hashable, Sendable {
  /// W3C's `RTCStatsIceCandidatePairState`.
  package enum State: String, Hashable, Sendable {
    /// Not checked yet.
    case waiting
    /// Checked, and not answered.
    case inProgress = "in-progress"
    case succeeded
    case failed
  }

  package let local: ICECandidate
  package let remote: ICECandidate
  package let state: State
  package let isNominated: Bool
  /// nil: no check was answered at its first transmission.
  package let roundTripTime: TimeAmount?
}

extension ICEAgent {
  /// Every pair that there was, once, as far as is remembered; those that are left by their priority.
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
