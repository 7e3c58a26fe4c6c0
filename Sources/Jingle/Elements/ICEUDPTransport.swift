import XMPP

/// XEP-0176: ICE credentials and candidates of one content, with the certificate's fingerprints of XEP-0320.
package struct ICEUDPTransport: ElementConvertible {
  /// A host with a dozen interfaces and several relays stays far below.
  package static let candidateLimit = 256
  package static let fingerprintLimit = 4

  package var usernameFragment: String?
  package var password: String?
  /// One, save where a peer has several hashes of its certificate.
  package var fingerprints: [DTLSFingerprint]
  package var candidates: [Candidate]
  /// What was left out, candidates and fingerprints that cannot be read; XEP-0176 lets later candidates do.
  package private(set) var skipped: [JingleError] = []

  package var fingerprint: DTLSFingerprint? { fingerprints.first }

  /// Who opens the handshake: one of the fingerprints says so, and none another thing.
  package var setup: DTLSFingerprint.Setup? {
    let setups = Set(fingerprints.compactMap(\.setup))
    return setups.count == 1 ? setups.first : nil
  }

  package init(
    usernameFragment: String? = nil, password: String? = nil, fingerprint: DTLSFingerprint? = nil,
    candidates: [Candidate] = []
  ) {
    self.usernameFragment = usernameFragment
    self.password = password
    self.fingerprints = fingerprint.map { [$0] } ?? []
    self.candidates = candidates
  }

  package init(_ element: XMLElement) throws(JingleError) {
    try element.expect("transport", Namespace.iceUDP)
    usernameFragment = element.token("ufrag")
    password = element.token("pwd")
    fingerprints = element.decode(
      "fingerprint", Namespace.dtls, limit: Self.fingerprintLimit, skipped: &skipped)
    candidates = element.decode("candidate", Namespace.iceUDP, limit: Self.candidateLimit, skipped: &skipped)
  }

  package var element: XMLElement {
    var element = XMLElement("transport", namespace: Namespace.iceUDP)
    element["ufrag"] = usernameFragment
    element["pwd"] = password
    element.append(fingerprints)
    element.append(candidates)
    return element
  }
}
