import ICE
import NIOCore
import TestSupport
import Testing

@Suite("NAT behavior discovery")
struct NATBehaviorDiscoveryTests {
  private static let server = stunAddress("198.51.100.1", 3478)
  private static let other = stunAddress("198.51.100.2", 3479)

  private static func discover(
    nat kind: VirtualNAT.Kind? = nil, _ manner: TestSTUNServer.Manner = .complete, other: SocketAddress = other,
    _ prepare: (VirtualNetwork) -> Void = { _ in }
  ) -> (behavior: NATBehavior?, duration: TimeAmount, sent: Int) {
    let network = VirtualNetwork()
    _ = TestSTUNServer(server, other: other, manner, on: network)
    prepare(network)
    let realm = kind.map { network.addNAT(VirtualNAT($0, address: "203.0.113.7")) } ?? VirtualNetwork.internet
    let host = ProbeHost(NATBehaviorDiscovery(server: server, generator: SeededGenerator(seed: 5)))
    let start = network.now
    host.start(on: network, at: stunAddress("10.0.0.1", 0), in: realm)
    network.run(for: .seconds(60))
    return (host.findings.first, (host.finishedAt ?? .distantFuture) - start, network.sentCount)
  }

  @Test(
    "each kind of NAT is recognized",
    arguments: [
      (VirtualNAT.Kind?.none, NATBehavior.Dependence.endpointIndependent, NATBehavior.Dependence.endpointIndependent),
      (.fullCone, .endpointIndependent, .endpointIndependent),
      (.addressRestricted, .endpointIndependent, .addressDependent),
      (.portRestricted, .endpointIndependent, .addressAndPortDependent),
      (.symmetric, .addressAndPortDependent, .addressAndPortDependent),
    ])
  func kinds(kind: VirtualNAT.Kind?, mapping: NATBehavior.Dependence, filtering: NATBehavior.Dependence) throws {
    let (behavior, duration, _) = Self.discover(nat: kind)
    let found = try #require(behavior)
    #expect(found.mapping == .known(mapping))
    #expect(found.filtering == .known(filtering))
    #expect(found.isTranslated == (kind != nil))
    #expect(duration <= .milliseconds(2_520))
  }

  @Test("a firewall without NAT is found by its filtering alone")
  func firewall() {
    let (behavior, _, _) = Self.discover { network in
      // A stateful firewall: what was not sent to does not come in.
      network.isBlocked = { $0.source != Self.server && $0.destination.port == 5001 }
    }
    #expect(behavior?.isTranslated == false)
    #expect(behavior?.filtering == .known(.addressAndPortDependent))
  }

  @Test("address-dependent mapping is distinguished from address-and-port-dependent mapping")
  func addressDependentMapping() throws {
    var probe = NATBehaviorDiscovery(server: Self.server, generator: SeededGenerator(seed: 5))
    let now = ManualClock().now
    probe.start(at: [LocalEndpoint(id: 1): stunAddress("10.0.0.1", 5000)], now: now)
    while let request = probe.pollTransmit() {
      let id = try STUNMessage(parsing: request.payload).transactionID
      let mapped = stunAddress("203.0.113.7", request.remote.ipAddress == Self.server.ipAddress ? 40_000 : 40_001)
      let response = STUNMessage(
        .success, .binding, transactionID: id, attributes: [.xorMappedAddress(mapped), .otherAddress(Self.other)])
      probe.receive(response.encoded(), from: request.remote, on: request.endpoint, now: now)
    }
    #expect(probe.pollFinding()?.mapping == .known(.addressDependent))
  }

  @Test("packet loss does not change the result, since requests are repeated")
  func loss() {
    let (behavior, _, _) = Self.discover(nat: .fullCone) { $0.conditions.loss = 0.2 }
    #expect(behavior?.mapping == .known(.endpointIndependent))
    #expect(behavior?.filtering == .known(.endpointIndependent))
  }

  @Test("an unknown property has a reason")
  func obstacles() {
    let plain = Self.discover(nat: .portRestricted, .plain).behavior
    #expect(plain?.mapping == .unknown(.oneAddress) && plain?.filtering == .unknown(.oneAddress))
    let ignoring = Self.discover(nat: .portRestricted, .ignoresChangeRequest).behavior
    #expect(ignoring?.mapping == .known(.endpointIndependent))
    #expect(ignoring?.filtering == .unknown(.requestNotHonoured))
    let silent = Self.discover(nat: .portRestricted, .isSilentElsewhere).behavior
    #expect(silent?.mapping == .unknown(.otherAddressSilent) && silent?.filtering == .unknown(.otherAddressSilent))
    let rejecting = Self.discover(nat: .portRestricted, .rejects(STUNErrorCode(420))).behavior
    let lying = Self.discover(nat: .portRestricted, .tells(stunAddress("0.0.0.0", 4000))).behavior
    #expect(lying?.mapping == .unknown(.noAnswer) && lying?.mapped == nil)
    #expect(rejecting?.mapping == .unknown(.noAnswer) && rejecting?.filtering == .unknown(.noAnswer))
  }

  @Test(
    "a server cannot make us query an arbitrary address by OTHER-ADDRESS",
    arguments: [
      stunAddress("127.0.0.1", 3479), stunAddress("198.51.100.1", 3479), stunAddress("198.51.100.2", 3478),
      stunAddress("2001:db8::1", 3479), stunAddress("224.0.0.1", 3479), stunAddress("198.51.100.2", 0),
    ])
  func hostileOtherAddress(other: SocketAddress) throws {
    var probe = NATBehaviorDiscovery(server: Self.server, generator: SeededGenerator(seed: 5))
    let now = ManualClock().now
    probe.start(at: [:], now: now)
    while let request = probe.pollTransmit() {
      #expect(request.remote == Self.server)
      let id = try STUNMessage(parsing: request.payload).transactionID
      let response = STUNMessage(
        .success, .binding, transactionID: id, attributes: [.xorMappedAddress(Self.other), .otherAddress(other)])
      probe.receive(response.encoded(), from: Self.server, on: request.endpoint, now: now)
    }
    #expect(probe.isFinished && probe.pollFinding()?.mapping == .unknown(.oneAddress))
  }

  @Test("a silent server is given up after 2.5 s")
  func silence() {
    let (behavior, duration, _) = Self.discover { network in network.isBlocked = { _ in true } }
    #expect(behavior?.mapping == .unknown(.noAnswer))
    #expect(duration == .milliseconds(2_500))
  }
}
