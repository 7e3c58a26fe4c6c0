import ICE
import SRTP

/// The peer's parameters of a transport: ICE credentials, certificate fingerprints and candidates, with our DTLS role.
package struct RemoteTransport: Sendable {
  package var ice: ICEParameters
  package var fingerprints: [Fingerprint]
  package var localRole: DTLSRole
  package var candidates: [ICECandidate]

  package init(ice: ICEParameters, fingerprints: [Fingerprint], localRole: DTLSRole, candidates: [ICECandidate]) {
    self.ice = ice
    self.fingerprints = fingerprints
    self.localRole = localRole
    self.candidates = candidates
  }
}
