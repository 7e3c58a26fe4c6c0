import ICE
import NIOCore
import TestSupport
import Testing

/// What strangers throw at a probe's sockets, with the server's address as its source.
@Suite("Probes under random and mutated datagrams")
struct ProbeRobustnessTests {
  private static let server = stunAddress("198.51.100.1", 3478)

  /// Random bytes, and messages of every kind that a server sends with a few bytes changed; none knows a transaction id.
  private static func garbage() -> [ByteBuffer] {
    var generator = SeededGenerator(seed: 9)
    let random = (0..<1_000).map { _ in
      ByteBuffer(
        bytes: (0..<Int.random(in: 0...200, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator)
        })
    }
    let messages =
      [
        STUNMessage(
          .success, .binding, transactionID: TransactionID(high: 1, low: 2),
          attributes: [.xorMappedAddress(server), .otherAddress(stunAddress("198.51.100.7", 9))]),
        STUNMessage(
          .error, .allocate, transactionID: TransactionID(high: 1, low: 2), attributes: [.errorCode(.init(401))]),
        STUNMessage(
          .indication, .data, transactionID: TransactionID(high: 1, low: 2),
          attributes: [.xorPeerAddress(stunAddress("192.0.2.15", 50_000)), .data(ByteBuffer(repeating: 1, count: 160))]),
      ].map { $0.encoded() } + [ByteBuffer(bytes: [0x40, 0x00, 0x00, 0xA0] + [UInt8](repeating: 0, count: 160))]
    let mutated = (0..<1_000).map { number in
      var message = messages[number % messages.count]
      for _ in 0..<Int.random(in: 0...3, using: &generator) {
        let index = Int.random(in: 0..<message.readableBytes, using: &generator)
        message.setInteger(UInt8.random(in: 0...255, using: &generator), at: index)
      }
      return message
    }
    return random + mutated
  }

  private static func findings<Tested: Probe>(_ probe: Tested, disturbed: Bool) -> [Tested.Finding] {
    let network = VirtualNetwork()
    if probe is TURNProbe {
      network.turnServers = [TestTURNServer(address: server)]
    } else {
      _ = TestSTUNServer(server, other: stunAddress("198.51.100.2", 3479), on: network)
    }
    let host = ProbeHost(probe)
    host.start(on: network, at: stunAddress("203.0.113.9", 0), in: VirtualNetwork.internet)
    for (number, datagram) in (disturbed ? garbage() : []).enumerated() {
      network.inject(
        datagram, from: server, to: stunAddress("203.0.113.9", 5000 + number % 2), in: VirtualNetwork.internet)
      network.run(for: .milliseconds(1))
    }
    network.run(for: .seconds(60))
    return host.findings
  }

  private static func isUnmoved<Tested: Probe>(_ probe: Tested) -> Bool where Tested.Finding: Equatable {
    let calm = findings(probe, disturbed: false)
    return !calm.isEmpty && calm == findings(probe, disturbed: true)
  }

  @Test("2,000 random and mutated datagrams do not change the findings")
  func unmoved() {
    let generator = SeededGenerator(seed: 11)
    #expect(Self.isUnmoved(STUNProbe(servers: [Self.server], generator: generator)))
    #expect(Self.isUnmoved(NATBehaviorDiscovery(server: Self.server, generator: generator)))
    let turn = ICEServer(
      kind: .turn(TURNCredentials(username: "cam", password: "secret")), address: Self.server, url: "turn:a")
    #expect(Self.isUnmoved(TURNProbe(server: turn, relaxed: false, generator: generator)))
  }
}
