import ICE
import NIOCore
import TestSupport
import Testing

@Suite("TURN probe")
struct TURNProbeTests {
  static let address = stunAddress("198.51.100.1", 3478)

  /// A probe behind a NAT, and the server on the Internet.
  struct Run {
    let network: VirtualNetwork
    let host: ProbeHost<TURNProbe>
    let start: NIODeadline

    init(
      _ relayProtocol: RelayProtocol = .udp, _ configuration: TestTURNServer.Configuration = .init(),
      password: String = "secret", nat: VirtualNAT.Kind = .symmetric, _ prepare: (VirtualNetwork) -> Void = { _ in }
    ) {
      network = VirtualNetwork()
      network.turnServers = [TestTURNServer(address: address, configuration: configuration)]
      prepare(network)
      let server = ICEServer(
        kind: .turn(TURNCredentials(username: "cam", password: password)), address: address,
        relayProtocol: relayProtocol, name: "turn.example.org", url: "turn:turn.example.org")
      host = ProbeHost(TURNProbe(server: server, relaxed: false, generator: SeededGenerator(seed: 3)))
      start = network.now
      let realm = network.addNAT(VirtualNAT(nat, address: "203.0.113.7"))
      host.start(on: network, at: stunAddress("10.0.0.1", 0), in: realm)
      network.run(for: .minutes(2))
    }

    var allocation: AllocationFinding? {
      host.findings.lazy.compactMap { if case .allocation(let finding) = $0 { finding } else { nil } }.first
    }
    var relay: RelayFinding? {
      host.findings.lazy.compactMap { if case .relay(let finding) = $0 { finding } else { nil } }.first
    }
    var duration: TimeAmount { (host.finishedAt ?? .distantFuture) - start }
    var errors: [TURNError?] { [allocation?.error, relay?.error] }
  }

  @Test(
    "the probe measures an allocation and 200 packets through the relay, behind a symmetric NAT",
    arguments: RelayProtocol.allCases)
  func measured(relayProtocol: RelayProtocol) throws {
    let run = Run(relayProtocol)
    let allocation = try #require(run.allocation)
    #expect(allocation.error == nil && allocation.stage == .allocate)
    // Delays are 10 ms a way: two ways of TCP, six with TLS.
    let connectTime: TimeAmount? = [.udp: nil, .tcp: .milliseconds(20), .tls: .milliseconds(60)][relayProtocol] ?? nil
    #expect(allocation.connectTime == connectTime)
    #expect(allocation.challengeTime == .milliseconds(20) && allocation.allocateTime == .milliseconds(20))
    #expect(allocation.relayed?.ipAddress == "192.0.2.15" && allocation.lifetime == .seconds(600))
    #expect(allocation.mapped?.ipAddress == "203.0.113.7")
    let relay = try #require(run.relay)
    #expect(relay.error == nil && relay.packetsSent == 200 && relay.packetsReceived == 200)
    #expect(relay.permissionTime == .milliseconds(20) && relay.channelTime == .milliseconds(20))
    #expect(relay.roundTripTimes.minimum == .milliseconds(30) && relay.roundTripTimes.count == 200)
    #expect(relay.jitter == .zero && relay.largestPayload == 1_472)
    #expect(run.duration < .seconds(4))
  }

  @Test("allocations are freed and connections are closed", arguments: RelayProtocol.allCases)
  func cleanUp(relayProtocol: RelayProtocol) {
    let run = Run(relayProtocol)
    #expect(run.host.findings.count == 2)
    #expect(run.network.turnServers[0].relayedAddresses.isEmpty && run.network.connections.isEmpty)
  }

  @Test("a probe that is stopped frees what it has allocated", arguments: RelayProtocol.allCases)
  func stopped(relayProtocol: RelayProtocol) {
    let network = VirtualNetwork()
    network.turnServers = [TestTURNServer(address: Self.address)]
    let server = ICEServer(
      kind: .turn(TURNCredentials(username: "cam", password: "secret")), address: Self.address,
      relayProtocol: relayProtocol, url: "turn:a")
    let host = ProbeHost(TURNProbe(server: server, relaxed: false, generator: SeededGenerator(seed: 3)))
    host.start(on: network, at: stunAddress("203.0.113.9", 0), in: VirtualNetwork.internet)
    network.run(for: .seconds(1))
    #expect(network.turnServers[0].relayedAddresses.count == 2)
    host.stop(now: network.now)
    network.run(for: .seconds(1))
    #expect(network.turnServers[0].relayedAddresses.isEmpty && host.finishedAt != nil)
    #expect(network.connections.isEmpty)
    guard case .relay(let relay)? = host.findings.last else {
      Issue.record("\(host.findings)")
      return
    }
    // What was measured by then counts.
    #expect(relay.error == nil && (1..<200).contains(relay.packetsSent) && relay.packetsReceived > 0)
  }

  @Test("the reported loss and jitter are those of the path")
  func lossy() throws {
    let run = Run { network in
      network.conditions.jitter = .milliseconds(8)
      // After the set-up: every tenth packet of the probe.
      network.isBlocked = { [unowned network] in $0.payload.readableBytes == 164 && network.sentCount % 10 == 0 }
    }
    let relay = try #require(run.relay)
    #expect(relay.packetsSent == 200 && (175...185).contains(relay.packetsReceived))
    #expect(relay.jitter > .milliseconds(1) && relay.jitter < .milliseconds(16))
    #expect(relay.roundTripTimes.minimum < relay.roundTripTimes.maximum)
  }

  @Test("the largest payload that arrives is the limit of the path")
  func pathMTU() {
    let run = Run { network in network.isBlocked = { $0.payload.readableBytes > 1_300 } }
    #expect(run.relay?.packetsReceived == 200)
    #expect(run.relay?.largestPayload == 1_280)
  }

  @Test("a wrong password is reported at once with the stage at which it failed")
  func unauthorized() throws {
    let run = Run(password: "wrong")
    let allocation = try #require(run.allocation)
    guard case .unauthorized(let error) = allocation.error else {
      Issue.record("\(String(describing: allocation.error))")
      return
    }
    #expect(error.code == 401 && allocation.stage == .allocate && allocation.challengeTime == .milliseconds(20))
    #expect(run.relay == nil && run.duration < .milliseconds(100))
  }

  @Test("a server that signs with another key is distinguished from a silent one")
  func forged() {
    var configuration = TestTURNServer.Configuration()
    configuration.signature = .wrong
    #expect(Run(.udp, configuration).allocation?.error == .integrityMismatch)
  }

  @Test("a silent server is given up after 5 s, over UDP and while connecting", arguments: RelayProtocol.allCases)
  func silence(relayProtocol: RelayProtocol) {
    let run = Run(relayProtocol) { network in
      network.isBlocked = { _ in true }
      network.connectionOutcome = { _ in .ignored }
    }
    #expect(run.allocation?.error == .timeout)
    #expect(run.allocation?.stage == (relayProtocol == .udp ? .challenge : .connect))
    #expect(run.duration == .seconds(5))
  }

  @Test("a refused connection is reported in the driver's words")
  func refused() {
    let run = Run(.tcp) { $0.connectionOutcome = { _ in .refused } }
    #expect(run.allocation?.error == .disconnected("connection refused") && run.allocation?.stage == .connect)
  }

  @Test("the first allocation is reported even if the server refuses a second one or does not relay to it")
  func oneAllocation() throws {
    var configuration = TestTURNServer.Configuration()
    configuration.errors[.createPermission] = [.init(403, "Forbidden"), .init(403, "Forbidden")]
    let forbidden = Run(.udp, configuration)
    #expect(forbidden.errors == [nil, .forbidden] && forbidden.relay?.stage == .permission)
    #expect(forbidden.network.turnServers[0].relayedAddresses.isEmpty)
    configuration = .init()
    let quota = Run(.udp, configuration) { network in
      network.isBlocked = { $0.source.port == 5001 }
    }
    #expect(quota.errors == [nil, .timeout] && quota.relay?.stage == .allocate)
  }

  @Test("a server without channels is measured by Send indications")
  func withoutChannels() throws {
    var configuration = TestTURNServer.Configuration()
    configuration.errors[.channelBind] = Array(repeating: .init(500, "no"), count: 8)
    let relay = try #require(Run(.udp, configuration).relay)
    #expect(relay.error == nil && relay.channelTime == nil && relay.packetsReceived == 200)
  }

  @Test("a 300 response is reported with the alternate server")
  func redirected() {
    let elsewhere = stunAddress("198.51.100.5", 3478)
    var configuration = TestTURNServer.Configuration()
    configuration.alternateServer = elsewhere
    #expect(Run(.tcp, configuration).allocation?.error == .redirected(to: elsewhere, domain: nil))
  }

  @Test("data through the relay that is not the probe's is ignored")
  func foreignData() throws {
    let network = VirtualNetwork()
    network.turnServers = [TestTURNServer(address: Self.address)]
    // The probe's own packets never arrive; what arrives was made up, from the right address.
    network.isBlocked = { $0.payload.getInteger(at: 0, as: UInt8.self) == 0x40 && $0.payload.readableBytes > 100 }
    let server = ICEServer(
      kind: .turn(TURNCredentials(username: "cam", password: "secret")), address: Self.address, url: "turn:a")
    let host = ProbeHost(TURNProbe(server: server, relaxed: false, generator: SeededGenerator(seed: 3)))
    host.start(on: network, at: stunAddress("203.0.113.9", 0), in: VirtualNetwork.internet)
    network.run(for: .seconds(1))
    let relayed = network.turnServers[0].relayedAddresses.sorted { $0.port ?? 0 < $1.port ?? 0 }
    try #require(relayed.count == 2)
    for number in 0..<UInt32(50) {
      var payload = ByteBuffer()
      payload.writeMultipleIntegers(UInt64(1), number)
      payload.writeRepeatingByte(0, count: 148)
      network.inject(payload, from: relayed[0], to: relayed[1], in: VirtualNetwork.internet)
    }
    network.run(for: .seconds(10))
    let relays = host.findings.compactMap { if case .relay(let finding) = $0 { finding } else { nil } }
    #expect(relays.first?.packetsSent == 200 && relays.first?.packetsReceived == 0)
    #expect(relays.first?.largestPayload == nil)
  }
}
