import COpenSSL
import NIOCore
import TestSupport
import Testing

@testable import SRTP

@Suite struct DTLSLossTests {
  @Test(
    "the handshake survives the loss of any single datagram of either side",
    arguments: [DTLSRole.active, .passive], 0..<4)
  func oneLost(_ sender: DTLSRole, _ lost: Int) throws {
    let wire = try DTLSWire(retransmission: DTLSWire.impatient)
    wire.run { role, number, datagram in role == sender && number == lost ? nil : datagram }
    #expect(wire.client.keys != nil && wire.server.keys != nil)
    #expect(wire.client.failure == nil && wire.server.failure == nil)
  }

  @Test("the handshake survives the loss of one datagram in five", arguments: 0..<8)
  func random(_ seed: UInt64) throws {
    let wire = try DTLSWire(retransmission: DTLSWire.impatient)
    var generator = SeededGenerator(seed: seed)
    wire.run { _, _, datagram in Int.random(in: 0..<5, using: &generator) == 0 ? nil : datagram }
    #expect(wire.client.keys != nil && wire.server.keys != nil)
  }

  @Test("duplicated and reordered datagrams are harmless")
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

  @Test("a connected server repeats its last flight when the client repeats its own")
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

  @Test("the server repeats its last flight by time until the client proves that it has received it")
  func lastFlightUnasked() throws {
    let (one, other) = (try Certificate(), try Certificate())
    let server = try DTLSAssociation(
      role: .passive, certificate: other, remoteFingerprints: [one.fingerprint], retransmission: .init())
    // A client whose timer never goes off.
    let wire = DTLSWire(
      try DTLSAssociation(
        role: .active, certificate: one, remoteFingerprints: [other.fingerprint], retransmission: DTLSWire.patient),
      server)
    wire.client.association.start(now: .now())
    wire.carry { role, _, datagram in
      // The last flight begins with ChangeCipherSpec (20).
      role == .passive && datagram.getInteger(at: datagram.readerIndex, as: UInt8.self) == 20 ? nil : datagram
    }
    #expect(wire.server.keys != nil && wire.client.keys == nil)
    let first = try #require(server.deadline)
    server.handleTimeout(now: first - .milliseconds(1))
    #expect(server.pollTransmit() == nil, "not before its time")
    server.handleTimeout(now: first)
    wire.carry()
    #expect(wire.client.keys != nil)
    #expect(try #require(server.deadline) == first + .milliseconds(250))
    server.confirm()
    #expect(server.deadline == nil)
    server.handleTimeout(now: first + .seconds(1))
    #expect(server.pollTransmit() == nil)
  }

  @Test("the last flight is repeated for 20 s to a client that proves nothing")
  func lastFlightEnds() throws {
    let server = try DTLSWire(retransmission: .init())
    server.client.association.start(now: .now())
    server.carry()
    var flights = 0
    while let deadline = server.server.association.deadline {
      server.server.association.handleTimeout(now: deadline)
      if server.server.association.pollTransmit() != nil { flights += 1 }
      while server.server.association.pollTransmit() != nil {}
    }
    // After six times 0.25 s, then 0.5, 1 and 2 s, and then every 4 s.
    #expect(flights == 12)
  }

  @Test("the handshake with a silent peer times out")
  func silence() throws {
    let wire = try DTLSWire(retransmission: DTLSWire.impatient)
    wire.run { _, _, _ in nil }
    #expect(wire.client.failure == .timedOut)
    #expect(wire.client.sent == 13)
    #expect(wire.client.association.deadline == nil)
  }

  @Test("a premature timeout sends nothing")
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

  @Test("the waiting time is constant for five repetitions, then doubles up to the maximum")
  func backOff() {
    let retransmission = DTLSRetransmission(initial: .milliseconds(250), maximum: .seconds(1))
    let waits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 100].map { retransmission.wait(after: $0).nanoseconds / 1_000_000 }
    #expect(waits == [250, 250, 250, 250, 250, 250, 500, 1000, 1000, 1000])
  }

  @Test("datagrams that are not polled are bounded")
  func bounded() throws {
    let bio = try DatagramBIO()
    defer { BIO_free(bio.bio) }
    for _ in 0..<DatagramBIO.outgoingLimit { #expect(BIO_write(bio.bio, "x", 1) == 1) }
    #expect(bio.dropped == 0)
    #expect(BIO_write(bio.bio, "x", 1) == 1)
    #expect(bio.dropped == 1 && bio.outgoing.count == DatagramBIO.outgoingLimit)
  }
}
