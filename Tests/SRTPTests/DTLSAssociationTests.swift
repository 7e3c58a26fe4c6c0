import COpenSSL
import NIOCore
import Testing

@testable import SRTP

@Suite struct DTLSAssociationTests {
  @Test("both ends derive the same keys for every common profile", arguments: SRTPProfile.allCases)
  func keys(_ profile: SRTPProfile) throws {
    let wire = try DTLSWire(clientProfiles: [profile])
    wire.run()
    let client = try #require(wire.client.keys)
    let server = try #require(wire.server.keys)
    #expect(client.profile == profile && server.profile == profile)
    #expect(client.local.bytes == server.remote.bytes)
    #expect(client.remote.bytes == server.local.bytes)
    #expect(client.local.bytes != client.remote.bytes)

    var sender = try SRTPSession(keyingMaterial: server)
    var receiver = try SRTPSession(keyingMaterial: client)
    var packet = ByteBuffer(bytes: SRTPVector.packet)
    try sender.protect(&packet)
    try receiver.unprotect(&packet)
    #expect(packet == ByteBuffer(bytes: SRTPVector.packet))
  }

  @Test("the exported keys are split as RFC 5764 section 4.2 defines it")
  func layout() throws {
    let exported = SecretBytes(byteCount: 56)
    exported.withUnsafeMutableBytes { $0.copyBytes(from: 0..<56) }
    let client = SRTPKeyingMaterial(profile: .aeadAES128GCM, exported: exported, role: .active)
    #expect(client.local.bytes == Array(0..<16) + Array(32..<44))
    #expect(client.remote.bytes == Array(16..<32) + Array(44..<56))
    let server = SRTPKeyingMaterial(profile: .aeadAES128GCM, exported: exported, role: .passive)
    #expect(server.local.bytes == client.remote.bytes && server.remote.bytes == client.local.bytes)
  }

  @Test("an independent implementation exports the same keys")
  func exporter() throws {
    let (ours, theirs) = (try Certificate(), try Certificate())
    let association = try DTLSAssociation(
      role: .passive, certificate: ours, remoteFingerprints: [theirs.fingerprint], retransmission: DTLSWire.patient)
    let peer = try BarePeer(role: .active, certificate: theirs)
    let events = peer.talk(to: association)
    guard case .connected(let keys)? = events.first else {
      Issue.record("not connected: \(events)")
      return
    }
    var exported = [UInt8](repeating: 0, count: 56)
    let label = "EXTRACTOR-dtls_srtp"
    #expect(SSL_export_keying_material(peer.ssl, &exported, 56, label, 19, nil, 0, 0) == 1)
    #expect(keys.remote.bytes == Array(exported[0..<16] + exported[32..<44]))
    #expect(keys.local.bytes == Array(exported[16..<32] + exported[44..<56]))
  }

  @Test("the DTLS server prefers AEAD_AES_128_GCM to AEAD_AES_256_GCM, and both to AES-CM")
  func preference() throws {
    let wire = try DTLSWire(clientProfiles: [.aes128CMHMACSHA1x80, .aeadAES256GCM, .aeadAES128GCM])
    wire.run()
    #expect(wire.server.keys?.profile == .aeadAES128GCM)
    let other = try DTLSWire(clientProfiles: [.aes128CMHMACSHA1x80, .aeadAES256GCM])
    other.run()
    #expect(other.client.keys?.profile == .aeadAES256GCM)
  }

  @Test("the handshake uses DTLS 1.2 with forward secrecy and datagrams of at most 1200 bytes")
  func negotiated() throws {
    let wire = try DTLSWire()
    var longest = 0
    wire.run { _, _, datagram in
      longest = max(longest, datagram.readableBytes)
      return datagram
    }
    let ssl = wire.server.association.ssl
    #expect(SSL_version(ssl) == DTLS1_2_VERSION)
    #expect(String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(ssl))) == "ECDHE-ECDSA-AES128-GCM-SHA256")
    #expect(longest <= DTLSAssociation.maximumTransmissionUnit)
    #expect(wire.client.association.deadline == nil && wire.server.association.deadline == nil)
  }

  @Test("the association fails without a common SRTP profile", arguments: [DTLSRole.active, .passive])
  func noCommonProfile(_ role: DTLSRole) throws {
    let (ours, theirs) = (try Certificate(), try Certificate())
    for profiles in [nil, "SRTP_AES128_CM_SHA1_32"] {
      let association = try DTLSAssociation(
        role: role, certificate: ours, remoteFingerprints: [theirs.fingerprint], retransmission: DTLSWire.patient)
      let peer = try BarePeer(role: role == .active ? .passive : .active, certificate: theirs, profiles: profiles)
      let events = peer.talk(to: association)
      #expect(events.failures == [.noCommonProfile])
      #expect(!events.isConnected)
    }
  }

  @Test("the association fails without the extended master secret", arguments: [DTLSRole.active, .passive])
  func extendedMasterSecret(_ role: DTLSRole) throws {
    let (ours, theirs) = (try Certificate(), try Certificate())
    let association = try DTLSAssociation(
      role: role, certificate: ours, remoteFingerprints: [theirs.fingerprint], retransmission: DTLSWire.patient)
    let peer = try BarePeer(
      role: role == .active ? .passive : .active, certificate: theirs, options: shim_SSL_OP_NO_EXTENDED_MASTER_SECRET)
    let events = peer.talk(to: association)
    #expect(events.failures == [.noExtendedMasterSecret])
    #expect(!events.isConnected)
  }

  @Test(
    "closing is signalled to the peer, which closes too, and later datagrams are dropped",
    arguments: [DTLSRole.active, .passive])
  func close(_ role: DTLSRole) throws {
    let wire = try DTLSWire()
    wire.run()
    let closing = role == .active ? wire.client.association : wire.server.association
    closing.close()
    closing.close()
    wire.carry()
    #expect(wire.client.isClosed == (role == .passive))
    #expect(wire.server.isClosed == (role == .active))
    let dropped = closing.dropped
    closing.receive(ByteBuffer(bytes: [22, 254, 253]), now: .now())
    #expect(closing.dropped == dropped + 1)
  }

  @Test("closing during the handshake sends nothing")
  func closeEarly() throws {
    let wire = try DTLSWire()
    wire.client.association.start(now: .now())
    #expect(wire.client.association.deadline != nil)
    wire.client.association.close()
    #expect(wire.client.association.deadline == nil)
    wire.client.association.handleTimeout(now: .distantFuture)
    #expect(wire.client.association.pollEvent() == nil)
  }

  @Test(
    "the shortest record of a cipher suite, the alert that closes, is understood",
    arguments: ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"])
  func shortestRecord(suite: String) throws {
    let (ours, theirs) = (try Certificate(), try Certificate())
    let association = try DTLSAssociation(
      role: .passive, certificate: ours, remoteFingerprints: [theirs.fingerprint], retransmission: DTLSWire.patient)
    let peer = try BarePeer(role: .active, certificate: theirs)
    try #require(SSL_set_cipher_list(peer.ssl, suite) == 1)
    #expect(peer.talk(to: association).isConnected)
    SSL_shutdown(peer.ssl)
    #expect(peer.talk(to: association).contains { if case .closed = $0 { true } else { false } })
  }

  @Test("application data is dropped and counted")
  func applicationData() throws {
    let (ours, theirs) = (try Certificate(), try Certificate())
    let association = try DTLSAssociation(
      role: .passive, certificate: ours, remoteFingerprints: [theirs.fingerprint], retransmission: DTLSWire.patient)
    let peer = try BarePeer(role: .active, certificate: theirs)
    #expect(peer.talk(to: association).isConnected)
    peer.send("hello")
    #expect(peer.talk(to: association).isEmpty)
    #expect(association.dropped == 1)
  }

  @Test("renegotiation is refused and does not change the keys", arguments: [DTLSRole.active, .passive])
  func renegotiation(_ role: DTLSRole) throws {
    let (ours, theirs) = (try Certificate(), try Certificate())
    let association = try DTLSAssociation(
      role: role, certificate: ours, remoteFingerprints: [theirs.fingerprint], retransmission: DTLSWire.patient)
    let peer = try BarePeer(role: role == .active ? .passive : .active, certificate: theirs)
    #expect(peer.talk(to: association).isConnected)
    let keys = association.exportKeyingMaterial(.aeadAES128GCM)?.local.bytes
    #expect(SSL_renegotiate(peer.ssl) == 1)
    SSL_do_handshake(peer.ssl)
    #expect(!peer.talk(to: association).isConnected)
    #expect(keys != nil && association.exportKeyingMaterial(.aeadAES128GCM)?.local.bytes == keys)
  }
}
