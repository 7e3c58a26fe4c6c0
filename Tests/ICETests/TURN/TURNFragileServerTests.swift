import ICE
import NIOCore
import TestSupport
import Testing

@Suite("TURN with a server such as MongooseICE")
struct TURNFragileServerTests {
  @Test("a session of an hour sends nothing that such a server cannot decode")
  func session() {
    let testbed = TURNTestbed(.mongooseICE, relaxed: true)
    testbed.allocate()
    testbed.permit()
    testbed.bindChannel(TURNTestbed.otherPeer)
    for round in 0..<360 {
      testbed.run(for: .seconds(10))
      // Of every length, so that padding would show.
      #expect(testbed.send(String(repeating: "x", count: round % 7)))
      #expect(testbed.send(String(repeating: "x", count: round % 7), to: TURNTestbed.otherPeer))
      testbed.peerSends("back", from: TURNTestbed.otherPeer)
    }
    #expect(testbed.server.crashes.isEmpty)
    #expect(testbed.delivered.count == 720 && testbed.received.count == 360)
    testbed.deallocate()
    #expect(testbed.server.crashes.isEmpty && testbed.server.relayedAddresses.isEmpty)
  }

  @Test("errors without a reason phrase are reported by their code")
  func bareErrors() {
    let testbed = TURNTestbed(
      .mongooseICE, relaxed: true, credentials: TURNCredentials(username: "cam", password: "wrong"))
    testbed.allocate()
    #expect(testbed.events == [.failed(.unauthorized(STUNErrorCode(401)))])
  }

  @Test("the client notices when the fragile test server crashes")
  func crash() {
    let testbed = TURNTestbed(.mongooseICE, relaxed: true)
    testbed.allocate()
    testbed.events.removeAll()
    testbed.server.receive(
      .init(
        source: TURNTestbed.clientAddress, destination: TURNTestbed.serverAddress, payload: ByteBuffer(string: "\r\n")),
      now: testbed.clock.now)
    #expect(testbed.server.crashes == ["no STUN"])
    testbed.permit()
    #expect(testbed.events == [.lost(.allocationMismatch)])
  }

  @Test("a Binding request does not harm such a server")
  func binding() {
    var server = TestTURNServer(address: TURNTestbed.serverAddress, configuration: .mongooseICE)
    var client = STUNBindingClient(generator: SeededGenerator(seed: 3))
    let clock = ManualClock()
    client.query(server.address, from: LocalEndpoint(id: 1), now: clock.now)
    while let transmit = client.pollTransmit() {
      server.receive(
        .init(source: TURNTestbed.clientAddress, destination: transmit.remote, payload: transmit.payload),
        now: clock.now)
    }
    while let datagram = server.pollTransmit() {
      _ = client.receive(datagram.payload, from: datagram.source, on: LocalEndpoint(id: 1), now: clock.now)
    }
    let event = client.pollEvent()
    #expect(
      event
        == .mapped(
          TURNTestbed.clientAddress, server: server.address, endpoint: LocalEndpoint(id: 1), roundTripTime: .zero))
    #expect(server.crashes.isEmpty)
  }
}
