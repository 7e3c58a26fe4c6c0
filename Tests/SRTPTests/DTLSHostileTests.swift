import NIOCore
import TestSupport
import Testing

@testable import SRTP

@Suite struct DTLSHostileTests {
  @Test("garbage at any stage is dropped and the handshake continues", arguments: 0..<16)
  func garbage(_ seed: UInt64) throws {
    let wire = try DTLSWire()
    var generator = SeededGenerator(seed: seed)
    let (client, server) = (wire.client.association, wire.server.association)
    wire.run { role, _, datagram in
      let receiver = role == .active ? server : client
      for _ in 0..<8 {
        let length = Int.random(in: 0..<200, using: &generator)
        var bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
        // Some of it passes for a DTLS record of a kind that there is not.
        if length > 0, Bool.random(using: &generator) { bytes[0] = UInt8.random(in: 24...63, using: &generator) }
        receiver.receive(ByteBuffer(bytes: bytes), now: .now())
      }
      return datagram
    }
    #expect(wire.client.keys != nil && wire.server.keys != nil)
    #expect(wire.client.association.dropped > 0)
  }

  @Test("altered datagrams never lead to different keys or a crash", arguments: 0..<64)
  func mutation(_ seed: UInt64) throws {
    let wire = try DTLSWire()
    var generator = SeededGenerator(seed: seed)
    let (sender, victim) = (Bool.random(using: &generator), Int.random(in: 0..<4, using: &generator))
    wire.run(for: .milliseconds(20)) { role, number, datagram in
      guard (role == .active) == sender, number == victim else { return datagram }
      var bytes = Array(datagram.readableBytesView)
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      return ByteBuffer(bytes: bytes.prefix(Int.random(in: 1...bytes.count, using: &generator)))
    }
    if let client = wire.client.keys, let server = wire.server.keys {
      #expect(client.local.bytes == server.remote.bytes && client.remote.bytes == server.local.bytes)
    }
  }

  @Test("forged records and alerts have no effect once connected")
  func afterwards() throws {
    let wire = try DTLSWire()
    wire.run()
    let server = wire.server.association
    var generator = SeededGenerator(seed: 1)
    for kind in UInt8(20)...23 {
      for epoch in UInt8(0)...2 {
        for length in [0, 2, 12, 64] {
          var record = ByteBuffer(bytes: [kind, 254, 253, 0, epoch, 0, 0, 0, 0, 1, 0, 0, UInt8(length)])
          record.writeBytes((0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) })
          server.receive(record, now: .now())
        }
      }
    }
    // A fatal alert in the clear.
    server.receive(ByteBuffer(bytes: [21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40]), now: .now())
    #expect(server.pollEvent() == nil)
    wire.client.association.close()
    wire.carry()
    #expect(wire.server.isClosed)
  }

  @Test("a record that is too short to be encrypted is detected behind other records too")
  func shortRecords() {
    let plain: [UInt8] = [21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0]
    let short: [UInt8] = [23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0]
    for (records, isForged) in [
      (plain, false), (short, true), (plain + short, true), (short + plain, true), (plain + plain, false),
      (plain + short.prefix(12), false),
    ] {
      #expect(DTLSRecord.isForged(in: ByteBuffer(bytes: records), overhead: 16) == isForged)
    }
  }

  @Test("a datagram that is not DTLS is only counted")
  func otherKinds() throws {
    let wire = try DTLSWire()
    for first in [UInt8(0), 64, 128] {
      wire.server.association.receive(ByteBuffer(bytes: [first, 1, 2, 3]), now: .now())
    }
    wire.server.association.receive(ByteBuffer(), now: .now())
    #expect(wire.server.association.dropped == 4)
    wire.run()
    #expect(wire.server.keys != nil)
  }

  @Test("a datagram larger than any record is harmless")
  func large() throws {
    let wire = try DTLSWire()
    wire.server.association.receive(ByteBuffer(repeating: 22, count: 65_507), now: .now())
    wire.run()
    #expect(wire.server.keys != nil)
  }
}
