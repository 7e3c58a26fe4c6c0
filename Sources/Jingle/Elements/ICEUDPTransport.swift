import XMPP

/// The ICE credentials and candidates of a content (XEP-0176), with its certificate fingerprints (XEP-0320).
package struct ICEUDPTransport: ElementConvertible {
  /// The most candidates accepted; a host with a dozen interfaces and several relays has far fewer.
  package static let candidateLimit = 256
  package static let fingerprintLimit = 4

  package var usernameFragment: String?
  package var password: String?
  /// The fingerprints: one, unless the peer sends several hashes of its certificate.
  package var fingerprints: [DTLSFingerprint]
  package var candidates: [Candidate]
  /// The candidates and fingerprints that could not be read and were left out. Later candidates can replace them.
  package private(set) var skipped: [JingleError] = []

  package var fingerprint: DTLSFingerprint? { fingerprints.first }

  /// The DTLS role, if at least one fingerprint states it and none contradicts.
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
