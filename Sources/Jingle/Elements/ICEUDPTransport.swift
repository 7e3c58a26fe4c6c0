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
  /// Candidates left out, because malformed or of a kind unknown here; XEP-0176 lets later ones do.
  package private(set) var ignoredCandidates = 0

  package var fingerprint: DTLSFingerprint? { fingerprints.first }

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
    usernameFragment = element["ufrag"]
    password = element["pwd"]
    fingerprints = try element.decode("fingerprint", Namespace.dtls, limit: Self.fingerprintLimit)
    let elements = element.all("candidate", Namespace.iceUDP)
    guard elements.count <= Self.candidateLimit else { throw .tooMany("candidate", of: element.name) }
    candidates = []
    for element in elements {
      do {
        candidates.append(try Candidate(element))
      } catch {
        ignoredCandidates += 1
      }
    }
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
