import ICE
import NIOCore
import TestSupport
import Testing

@Suite("Which allocations are made")
struct AllocationChoiceTests {
  private static func host(_ servers: [ICEServer], on network: VirtualNetwork, addresses: [String]) -> ICEHost {
    let host = ICEHost(role: .controlling, configuration: .init(servers: servers, policy: .relay), seed: 1)
    for (index, text) in addresses.enumerated() {
      let address = ICECall.address(text, 5000)
      network.bind(address, LocalEndpoint(id: UInt32(index)), of: host, in: VirtualNetwork.internet)
      host.transport.addLocalEndpoint(LocalEndpoint(id: UInt32(index)), address: address, now: network.now)
    }
    return host
  }

  @Test(
    "at most four allocations are held, one per server, however slow the servers are",
    arguments: [10, 300] as [Int64], RelayProtocol.allCases)
  func bound(delay: Int64, relayProtocol: RelayProtocol) {
    let network = VirtualNetwork()
    network.conditions.delay = .milliseconds(delay)
    let addresses = (1...6).map { ICECall.address("203.0.113.\($0)", 3478) }
    network.turnServers = addresses.enumerated().map { index, address in
      var configuration = TestTURNServer.Configuration()
      configuration.relayedIPAddress = "192.0.2.\(index + 1)"
      return TestTURNServer(address: address, configuration: configuration)
    }
    let host = Self.host(
      addresses.map { ICECall.turn(relayProtocol, $0) }, on: network,
      addresses: (1...5).map { "198.51.100.\($0)" })
    network.run(for: .seconds(20))
    #expect(network.turnServers.map(\.relayedAddresses.count).max() == 1)
    #expect(network.turnServers.map(\.relayedAddresses.count).reduce(0, +) == 4)
    #expect(host.candidates.count == 4)
    #expect(host.events.filter { $0 == .gatheringComplete }.count == 1)
  }

  @Test("a server with two addresses provides one relay, and the other address is used if the first fails")
  func twoAddresses() {
    for isFirstDown in [false, true] {
      let network = VirtualNetwork()
      let addresses = (1...2).map { ICECall.address("203.0.113.\($0)", 3478) }
      network.turnServers = addresses.map { TestTURNServer(address: $0) }
      if isFirstDown { network.turnServers[0].configuration.errors[.allocate] = [STUNErrorCode(508)] }
      let servers = addresses.map { address in
        var server = ICECall.turn(.udp, address)
        server.url = "turn:turn.example.org"
        return server
      }
      let host = Self.host(servers, on: network, addresses: ["198.51.100.1"])
      network.run(for: .seconds(5))
      #expect(host.candidates.count == 1)
      #expect(network.turnServers.map(\.relayedAddresses.count) == (isFirstDown ? [0, 1] : [1, 0]))
    }
  }

  @Test("a host with IPv6 only reaches a peer with IPv4 only through a server that has both")
  func ipv6Only() {
    let server = ICECall.address("2001:db8::3478", 3478)
    let call = ICECall(
      caller: .init(addresses: ["2001:db8::1"], servers: [ICECall.turn(.udp, server)]),
      callee: .init(addresses: ["198.51.100.2"], usesServers: false))
    call.network.turnServers = [TestTURNServer(address: server)]
    call.start()
    #expect(call.connects())
    #expect(call.network.turnServers[0].requests.allSatisfy { !$0.attributes.contains(.requestedAddressFamily(.ipv6)) })
    #expect(call.carriesData())
  }

  @Test(
    "an IPv6 relay is requested only after the peer has signalled IPv6",
    arguments: RelayProtocol.allCases)
  func ipv6Peer(relayProtocol: RelayProtocol) {
    let servers = [ICECall.serverAddress, ICECall.address("2001:db8::3478", 3478)]
    let call = ICECall(
      caller: .init(
        addresses: relayProtocol == .udp ? ["198.51.100.1", "2001:db8::1"] : ["198.51.100.1"], policy: .relay,
        servers: servers.map { address in
          var server = ICECall.turn(relayProtocol, address)
          server.url = "turn:turn.example.org"
          return server
        }),
      callee: .init(addresses: ["2001:db8::2"], usesServers: false))
    call.network.turnServers = servers.map { address in
      var configuration = TestTURNServer.Configuration()
      configuration.relayedIPv6Address = "2001:db8::15"
      return TestTURNServer(address: address, configuration: configuration)
    }
    call.callee.onCandidate = nil
    call.start(trickles: false)
    call.network.run(for: .seconds(2))
    #expect(call.caller.candidates.map(\.address.protocol) == [.inet])
    for candidate in call.callee.candidates {
      call.caller.transport.addRemoteCandidate(candidate, now: call.network.now)
    }
    #expect(call.connects())
    #expect(call.caller.candidates.map(\.address.protocol) == [.inet, .inet6])
    #expect(call.carriesData())
  }

  @Test("a server with IPv6 only refuses the first request and grants the second")
  func ipv6Server() {
    let call = ICECall(
      caller: .init(addresses: ["198.51.100.1"], policy: .relay, servers: [ICECall.turn(.udp)]),
      callee: .init(addresses: ["2001:db8::2"], usesServers: false))
    call.network.turnServers[0].configuration.relayedIPAddress = nil
    call.network.turnServers[0].configuration.relayedIPv6Address = "2001:db8::15"
    call.start()
    #expect(call.connects())
    #expect(call.carriesData())
  }
}
