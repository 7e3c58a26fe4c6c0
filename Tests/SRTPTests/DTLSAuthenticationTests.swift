import COpenSSL
import NIOCore
import Testing

@testable import SRTP

@Suite struct DTLSAuthenticationTests {
  @Test(
    "a peer with another fingerprint is refused with an alert and never connected",
    arguments: [DTLSRole.active, .passive])
  func mismatch(_ deceived: DTLSRole) throws {
    let (one, other, stranger) = (try Certificate(), try Certificate(), try Certificate())
    let wire = DTLSWire(
      try DTLSAssociation(
        role: .active, certificate: one,
        remoteFingerprints: [(deceived == .active ? stranger : other).fingerprint], retransmission: DTLSWire.patient),
      try DTLSAssociation(
        role: .passive, certificate: other,
        remoteFingerprints: [(deceived == .passive ? stranger : one).fingerprint], retransmission: DTLSWire.patient))
    wire.run()
    let (victim, impostor) = deceived == .active ? (wire.client, wire.server) : (wire.server, wire.client)
    #expect(victim.failure == .fingerprintMismatch)
    #expect(victim.keys == nil)
    // The alert comes before our Finished, so that the peer is not connected either.
    #expect(impostor.failure == .alert(UInt8(SSL3_AD_BAD_CERTIFICATE)))
    #expect(impostor.keys == nil)
    #expect(victim.association.deadline == nil)
  }

  @Test("a fingerprint that differs in one bit is refused", arguments: [0, 128, 255])
  func oneBit(_ bit: Int) throws {
    let (one, other) = (try Certificate(), try Certificate())
    var bytes = other.fingerprint.bytes
    bytes[bit / 8] ^= 1 << (bit % 8)
    let wire = DTLSWire(
      try DTLSAssociation(
        role: .active, certificate: one, remoteFingerprints: [Fingerprint(hashFunction: .sha256, bytes: bytes)],
        retransmission: DTLSWire.patient),
      try DTLSAssociation(
        role: .passive, certificate: other, remoteFingerprints: [one.fingerprint], retransmission: DTLSWire.patient))
    wire.run()
    #expect(wire.client.failure == .fingerprintMismatch)
  }

  @Test(
    "a certificate may match any of several fingerprints with any supported hash function",
    arguments: Fingerprint.HashFunction.allCases)
  func several(_ hashFunction: Fingerprint.HashFunction) throws {
    let (one, other, stranger) = (try Certificate(), try Certificate(), try Certificate())
    let fitting = Fingerprint(of: other.certificate, hashFunction: hashFunction)
    for fingerprints in [[stranger.fingerprint, fitting], [fitting, stranger.fingerprint]] {
      let wire = DTLSWire(
        try DTLSAssociation(
          role: .active, certificate: one, remoteFingerprints: fingerprints, retransmission: DTLSWire.patient),
        try DTLSAssociation(
          role: .passive, certificate: other, remoteFingerprints: [one.fingerprint], retransmission: DTLSWire.patient))
      wire.run()
      #expect(wire.client.keys != nil && wire.server.keys != nil)
    }
  }

  @Test("an association cannot be made without a fingerprint")
  func noFingerprint() throws {
    let certificate = try Certificate()
    #expect(throws: DTLSError.noFingerprint) {
      try DTLSAssociation(role: .active, certificate: certificate, remoteFingerprints: [])
    }
  }

  @Test("a client without a certificate is refused")
  func noCertificate() throws {
    let certificate = try Certificate()
    let association = try DTLSAssociation(
      role: .passive, certificate: certificate, remoteFingerprints: [certificate.fingerprint],
      retransmission: DTLSWire.patient)
    let peer = try BarePeer(role: .active, certificate: nil)
    let events = peer.talk(to: association)
    #expect(events.failures == [.noPeerCertificate])
    #expect(!events.isConnected && !peer.isConnected)
  }

  @Test("the dates of a certificate are ignored, since Dino's begins tomorrow")
  func dates() throws {
    let (ours, theirs) = (try Certificate(), try Certificate())
    X509_gmtime_adj(X509_getm_notBefore(theirs.certificate), 24 * 60 * 60)
    X509_sign(theirs.certificate, theirs.key, EVP_sha256())
    let association = try DTLSAssociation(
      role: .passive, certificate: ours,
      remoteFingerprints: [Fingerprint(of: theirs.certificate, hashFunction: .sha256)],
      retransmission: DTLSWire.patient)
    #expect(try BarePeer(role: .active, certificate: theirs).talk(to: association).isConnected)
  }

  @Test("no session is resumed, since a resumed one shows no certificate")
  func resumption() throws {
    let (ours, theirs) = (try Certificate(), try Certificate())
    let association = try DTLSAssociation(
      role: .passive, certificate: ours, remoteFingerprints: [theirs.fingerprint], retransmission: DTLSWire.patient)
    let peer = try BarePeer(role: .active, certificate: theirs)
    #expect(peer.talk(to: association).isConnected)
    let session = SSL_get1_session(peer.ssl)
    defer { SSL_SESSION_free(session) }
    #expect(SSL_SESSION_has_ticket(session) == 0)
    var length: UInt32 = 0
    SSL_SESSION_get_id(session, &length)
    #expect(length == 0)
  }
}
