import ICE
import NIOCore
import TestSupport
import Testing

@Suite("Relays of a transport")
struct RelayTests {
  static func relayed(relaxed: Bool = false) -> ICECall {
    ICECall(caller: .init(addresses: ["198.51.100.1"], policy: .relay, relaxedTURN: relaxed))
  }

  @Test("a call through a server such as MongooseICE sends nothing that it cannot decode")
  func fragileServer() {
    let call = ICECall(
      caller: .init(addresses: ["198.51.100.1"], policy: .relay, relaxedTURN: true),
      callee: .init(nat: .symmetric, addresses: ["10.0.1.1"], relaxedTURN: true))
    call.network.turnServers[0].configuration = .mongooseICE
    call.start()
    #expect(call.connects())
    call.network.run(for: .hours(1))
    #expect(call.carriesData())
    call.caller.transport.close(now: call.network.now)
    call.callee.transport.close(now: call.network.now)
    call.network.run(for: .seconds(60))
    #expect(call.network.turnServers[0].crashes.isEmpty)
    #expect(call.network.turnServers[0].relayedAddresses.isEmpty)
  }

  @Test("the peer's relay is used if the server forbids the peer's address")
  func forbiddenPeer() {
    let call = Self.relayed()
    call.network.turnServers[0].configuration.forbiddenPeers = [ICECall.address("198.51.100.2", 0)]
    call.start()
    #expect(call.connects())
    #expect(call.caller.transport.selectedPair?.remote.kind == .relayed)
    #expect(call.carriesData())
  }

  @Test("a lost allocation is made again, and the new candidate is signalled")
  func lostAllocation() {
    let call = Self.relayed()
    call.start(parameters: false)
    call.network.run(for: .seconds(1))
    call.network.turnServers[0].forgetEverything()
    call.exchangeParameters()
    #expect(call.connects())
    #expect(call.caller.candidates.count == 2)
    #expect(
      call.caller.events.contains {
        if case .candidateError(_, .turn(.allocationMismatch)) = $0 { true } else { false }
      })
    #expect(call.carriesData())
  }

  @Test("the channel of a former path is not renewed")
  func leftPath() {
    let call = ICECall(
      caller: .init(addresses: ["198.51.100.1"], policy: .relay),
      callee: .init(nat: .fullCone, addresses: ["10.0.1.1"], mappingLifetime: .seconds(8)))
    call.start()
    #expect(call.connects())
    let first = call.caller.transport.selectedPair?.remote.address
    // The NAT forgets the mapping, and makes another.
    call.network.isBlocked = { _ in true }
    call.network.run(for: .seconds(14))
    call.network.isBlocked = { _ in false }
    call.network.run(for: .minutes(20))
    let second = call.caller.transport.selectedPair?.remote.address
    #expect(second != first && call.carriesData())
    let before = call.network.turnServers[0].requests.count
    call.network.run(for: .minutes(20))
    let renewed = call.network.turnServers[0].requests.dropFirst(before).filter { $0.method == .channelBind }
    #expect(!renewed.isEmpty && renewed.allSatisfy { $0.xorPeerAddress == second })
  }

  @Test("another endpoint takes over when one is removed")
  func removedEndpoint() {
    let call = ICECall(caller: .init(addresses: ["198.51.100.1", "198.51.100.3"]))
    call.start()
    #expect(call.connects())
    call.network.run(for: .seconds(10))
    #expect(call.caller.transport.selectedPair?.local.address == ICECall.address("198.51.100.1", 5000))
    call.caller.transport.removeLocalEndpoint(LocalEndpoint(id: 0), now: call.network.now)
    #expect(call.connects())
    #expect(call.caller.transport.selectedPair?.local.address == ICECall.address("198.51.100.3", 5000))
    // The peer holds on to the old address until it has been silent for long enough.
    call.network.run(for: .seconds(15))
    #expect(call.carriesData())
  }

  @Test("the second credentials for a server are used only after the first were refused")
  func secondCredentials() {
    for (username, candidates, errors) in [("nobody", 1, 1), ("cam", 1, 0)] {
      let network = VirtualNetwork()
      network.turnServers = [TestTURNServer(address: ICECall.serverAddress)]
      let servers = [username, "cam"].map { name in
        ICEServer(
          kind: .turn(TURNCredentials(username: name, password: "secret")), address: ICECall.serverAddress,
          url: "turn:\(name)")
      }
      let host = ICEHost(
        role: .controlling, configuration: .init(servers: servers, policy: .relay), seed: 1)
      let address = ICECall.address("198.51.100.1", 5000)
      network.bind(address, LocalEndpoint(id: 1), of: host, in: VirtualNetwork.internet)
      host.transport.addLocalEndpoint(LocalEndpoint(id: 1), address: address, now: network.now)
      network.run(for: .seconds(60))
      #expect(host.candidates.count == candidates)
      #expect(host.events.filter { if case .candidateError = $0 { true } else { false } }.count == errors)
      #expect(host.events.filter { $0 == .gatheringComplete }.count == 1)
    }
  }
}
