import COpenSSL
import NIOCore
import Testing

@testable import SRTP

@Suite struct DTLSLossTests {
  @Test(
    "the handshake outlives the loss of any one datagram of either side",
    arguments: [DTLSRole.active, .passive], 0..<4)
  func oneLost(_ sender: DTLSRole, _ lost: Int) throws {
    let wire = try DTLSWire(retransmission: DTLSWire.impatient)
    wire.run { role, number, datagram in role == sender && number == lost ? nil : datagram }
    #expect(wire.client.keys != nil && wire.server.keys != nil)
    #expect(wire.client.failure == nil && wire.server.failure == nil)
  }

  @Test("the handshake outlives the loss of one datagram in five", arguments: 0..<8)
  func random(_ seed: UInt64) throws {
    let wire = try DTLSWire(retransmission: DTLSWire.impatient)
    var generator = SplitMix(state: seed)
    wire.run { _, _, datagram in Int.random(in: 0..<5, using: &generator) == 0 ? nil : datagram }
    #expect(wire.client.keys != nil && wire.server.keys != nil)
  }

  @Test("datagrams that come twice, and in another order, do no harm")
  func disorder() throws {
    let wire = try DTLSWire(retransmission: DTLSWire.impatient)
    var held: ByteBuffer?
    wire.run { role, number, datagram in
      guard role == .active else { return datagram }
      defer { held = datagram }
      return number % 2 == 1 ? held : datagram
    }
    #expect(wire.client.keys != nil && wire.server.keys != nil)
  }

  @Test("once connected, the server repeats its last flight when the client repeats its own")
  func lastFlight() throws {
    // Only the client has a timer that goes off.
    let (one, other) = (try Certificate(), try Certificate())
    let wire = DTLSWire(
      try DTLSAssociation(
        role: .active, certificate: one, remoteFingerprints: [other.fingerprint], retransmission: DTLSWire.impatient),
      try DTLSAssociation(
        role: .passive, certificate: other, remoteFingerprints: [one.fingerprint], retransmission: DTLSWire.patient))
    var isServerConnected = false
    var lost = 0
    wire.run { role, _, datagram in
      // The last flight begins with ChangeCipherSpec (20).
      if role == .passive, datagram.getInteger(at: datagram.readerIndex, as: UInt8.self) == 20, lost < 2 {
        isServerConnected = true
        lost += 1
        return nil
      }
      return datagram
    }
    #expect(isServerConnected && lost == 2)
    #expect(wire.client.keys != nil && wire.server.keys != nil)
  }

  @Test("a peer that never answers is given up")
  func silence() throws {
    let wire = try DTLSWire(retransmission: DTLSWire.impatient)
    wire.run { _, _, _ in nil }
    #expect(wire.client.failure == .timedOut)
    #expect(wire.client.sent == 13)
    #expect(wire.client.association.deadline == nil)
  }

  @Test("a timeout that comes early sends nothing")
  func early() throws {
    let wire = try DTLSWire()
    let now = NIODeadline.now()
    wire.client.association.start(now: now)
    while wire.client.association.pollTransmit() != nil {}
    wire.client.association.handleTimeout(now: now)
    wire.server.association.handleTimeout(now: now)
    #expect(wire.client.association.pollTransmit() == nil)
    #expect(wire.client.association.pollEvent() == nil)
    let deadline = try #require(wire.client.association.deadline)
    #expect(deadline > now + .seconds(50) && deadline <= now + .seconds(60))
  }

  @Test("waits double up to the maximum")
  func backOff() {
    let retransmission = DTLSRetransmission(initial: .milliseconds(250), maximum: .seconds(1))
    #expect([0, 250_000, 500_000, 1_000_000].map(retransmission.next) == [250_000, 500_000, 1_000_000, 1_000_000])
  }

  @Test("what nobody fetches is bounded")
  func bounded() throws {
    let bio = try DatagramBIO()
    defer { BIO_free(bio.bio) }
    for _ in 0..<DatagramBIO.outgoingLimit { #expect(BIO_write(bio.bio, "x", 1) == 1) }
    #expect(bio.dropped == 0)
    #expect(BIO_write(bio.bio, "x", 1) == 1)
    #expect(bio.dropped == 1 && bio.outgoing.count == DatagramBIO.outgoingLimit)
  }
}
