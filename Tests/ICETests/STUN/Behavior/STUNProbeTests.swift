import ICE
import NIOCore
import TestSupport
import Testing

@Suite("STUN probe")
struct STUNProbeTests {
  private static let first = stunAddress("198.51.100.1", 3478)
  private static let second = stunAddress("198.51.100.3", 3478)
  private static let local = stunAddress("10.0.0.1", 0)

  private static func probe(
    _ servers: [SocketAddress], nat kind: VirtualNAT.Kind? = nil, manner: TestSTUNServer.Manner = .plain,
    _ prepare: (VirtualNetwork) -> Void = { _ in }
  ) -> (findings: [STUNProbeFinding], duration: TimeAmount?) {
    let network = VirtualNetwork()
    for server in [first, second] {
      var other = server
      other.port = 3479
      let ip = server == first ? "198.51.100.2" : "198.51.100.4"
      _ = TestSTUNServer(server, other: stunAddress(ip, 3479), manner, on: network)
    }
    prepare(network)
    let realm = kind.map { network.addNAT(VirtualNAT($0, address: "203.0.113.7")) } ?? VirtualNetwork.internet
    let host = ProbeHost(STUNProbe(servers: servers, generator: SeededGenerator(seed: 7)))
    let start = network.now
    host.start(on: network, at: local, in: realm)
    network.run(for: .seconds(60))
    return (host.findings, host.finishedAt.map { $0 - start })
  }

  @Test("each server is asked five times and yields our address and five round-trip times")
  func answered() throws {
    let (findings, duration) = Self.probe([Self.first, Self.second])
    #expect(Set(findings.map(\.server)) == [Self.first, Self.second])
    for finding in findings {
      #expect(finding.mapped == finding.local && finding.error == nil && finding.other == nil)
      #expect(finding.requestsSent == 5 && finding.responsesReceived == 5)
      #expect(finding.roundTripTimes.count == 5)
      #expect(finding.roundTripTimes.minimum == .milliseconds(20))
      #expect(finding.roundTripTimes.average == .milliseconds(20))
    }
    #expect(try #require(duration) < .seconds(1))
  }

  @Test("a silent server is given up after 3 s and does not delay the other")
  func silence() throws {
    let nobody = stunAddress("198.51.100.9", 3478)
    let (findings, duration) = Self.probe([nobody, Self.first])
    #expect(findings.map(\.server) == [Self.first, nobody])
    #expect(findings.last?.error == .timeout && findings.last?.mapped == nil && findings.last?.responsesReceived == 0)
    #expect(try #require(duration) == .seconds(3))
  }

  @Test("lost responses are counted")
  func loss() throws {
    let (findings, _) = Self.probe([Self.first]) { network in
      network.isBlocked = { [unowned network] in $0.source.ipAddress == "10.0.0.1" && network.sentCount == 3 }
    }
    let finding = try #require(findings.first)
    #expect(finding.requestsSent == 5 && finding.responsesReceived == 4 && finding.mapped != nil)
  }

  @Test("an error response is reported with its code")
  func rejected() {
    let error = STUNErrorCode(500, "Server Error")
    let (findings, _) = Self.probe([Self.first], manner: .rejects(error))
    #expect(findings.first?.error == .rejected(error))
  }

  @Test(
    "an impossible mapped address is rejected and is no sign of a direct path",
    arguments: ["0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "ff02::1"])
  func unusable(address: String) throws {
    let (findings, _) = Self.probe([Self.first], manner: .tells(stunAddress(address, 4000)))
    let finding = try #require(findings.first)
    #expect(finding.mapped == nil && finding.error == .unusableAddress && finding.responsesReceived == 5)
    let behavior = NATBehavior(comparing: findings)
    #expect(behavior.mapping == .unknown(.uselessAnswer) && behavior.mapped == nil && behavior.isTranslated == nil)
  }

  @Test("a mapped address with port 0 is rejected")
  func portZero() {
    let (findings, _) = Self.probe([Self.first], manner: .tells(stunAddress("203.0.113.7", 0)))
    #expect(findings.first?.error == .unusableAddress)
  }

  @Test("a response from another address than the server's is ignored")
  func stranger() {
    let network = VirtualNetwork()
    let host = ProbeHost(STUNProbe(servers: [Self.first], generator: SeededGenerator(seed: 7)))
    host.start(on: network, at: Self.local, in: VirtualNetwork.internet)
    // The ids are those of the same generator.
    var generator = SeededGenerator(seed: 7)
    let forged = STUNMessage(
      .success, .binding, transactionID: TransactionID(using: &generator), attributes: [.xorMappedAddress(Self.second)])
    network.inject(
      forged.encoded(), from: Self.second, to: stunAddress("10.0.0.1", 5000), in: VirtualNetwork.internet)
    network.run(for: .seconds(10))
    #expect(host.findings.first?.mapped == nil)
    #expect(host.findings.first?.responsesReceived == 0)
  }

  @Test("if the system refuses the socket, every server reports the system's reason")
  func refused() {
    let network = VirtualNetwork()
    let host = ProbeHost(STUNProbe(servers: [Self.first, Self.second], generator: SeededGenerator(seed: 7)))
    host.start(on: network, at: Self.local, in: VirtualNetwork.internet)
    host.disconnected(LocalEndpoint(id: 1), reason: "Operation not permitted", now: network.now)
    #expect(host.findings.map(\.error) == Array(repeating: .disconnected("Operation not permitted"), count: 2))
    #expect(host.finishedAt == network.now)
  }

  @Test(
    "two servers reveal whether the mapping depends on the destination",
    arguments: zip(
      [VirtualNAT.Kind?.none, .fullCone, .portRestricted, .symmetric],
      [NATBehavior.Dependence.endpointIndependent, .endpointIndependent, .endpointIndependent, .destinationDependent]))
  func comparison(kind: VirtualNAT.Kind?, mapping: NATBehavior.Dependence) {
    let behavior = NATBehavior(comparing: Self.probe([Self.first, Self.second], nat: kind).findings)
    #expect(behavior.mapping == .known(mapping))
    #expect(behavior.filtering == .unknown(.oneAddress))
    #expect(behavior.isTranslated == (kind != nil))
  }

  @Test("one answering server cannot reveal the mapping behavior unless there is no NAT")
  func comparisonOfTooFew() {
    let one = NATBehavior(comparing: Self.probe([Self.first], nat: .fullCone).findings)
    #expect(one.mapping == .unknown(.oneAddress))
    let silent = NATBehavior(comparing: Self.probe([stunAddress("198.51.100.9", 3478)], nat: .fullCone).findings)
    #expect(silent.mapping == .unknown(.noAnswer) && silent.isTranslated == nil)
    #expect(NATBehavior(comparing: []).mapping == .unknown(.noServer))
    #expect(NATBehavior(comparing: Self.probe([Self.first]).findings).mapping == .known(.endpointIndependent))
  }
}
