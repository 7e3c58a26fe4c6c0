import NIOCore

/// The selected pair, after W3C's `RTCIceCandidatePair`.
package struct CandidatePairDescription: Hashable, Sendable {
  package var local: ICECandidate
  package var remote: ICECandidate
  package var isNominated: Bool

  package init(local: ICECandidate, remote: ICECandidate, isNominated: Bool) {
    self.local = local
    self.remote = remote
    self.isNominated = isNominated
  }

  package var isRelayed: Bool { local.relayProtocol != nil || local.kind == .relayed || remote.kind == .relayed }
}
