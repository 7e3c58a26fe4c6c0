import ICE
import NIOCore
import TestSupport
import Testing

@Suite("Relays over TCP and TLS")
struct StreamRelayTests {
  /// A caller that the network lets out by TCP alone, and a callee on the Internet.
  static func call(
    _ protocols: [RelayProtocol] = RelayProtocol.allCases, policy: ICETransportPolicy = .all, blocksUDP: Bool = true
  ) -> ICECall {
    let call = ICECall(
      caller: .init(
        nat: .symmetric, addresses: ["10.0.0.1"], policy: policy, servers: protocols.map { ICECall.turn($0) }),
      callee: .init(addresses: ["198.51.100.2"], usesServers: false))
    if blocksUDP { call.network.isBlocked = { $0.source.ipAddress == "10.0.0.1" } }
    return call
  }

  static func errors(of host: ICEHost) -> [String] {
    host.events.compactMap { if case .candidateError(_, let error) = $0 { error.text } else { nil } }
  }

  static func connects(_ network: VirtualNetwork) -> [(endpoint: LocalEndpoint, to: SocketAddress, name: String?)] {
    network.connectionRequests.compactMap {
      if case .connect(let endpoint, let address, let name) = $0 { (endpoint, address, name) } else { nil }
    }
  }

  /// The picture goes on at once; the peer holds on to the old address until it has been silent for long enough.
  static func expectArrival(_ call: ICECall, sourceLocation: SourceLocation = #_sourceLocation) {
    let before = call.callee.received.count
    call.caller.send("~picture", now: call.network.now)
    call.network.run(for: .seconds(1))
    #expect(call.callee.received.count == before + 1, sourceLocation: sourceLocation)
    call.network.run(for: .seconds(15))
    #expect(call.carriesData(), sourceLocation: sourceLocation)
  }

  @Test(
    "a call uses TCP or TLS where UDP is blocked, and the server's name is verified",
    arguments: [RelayProtocol.tcp, .tls], [ICETransportPolicy.all, .relay])
  func blockedUDP(relayProtocol: RelayProtocol, policy: ICETransportPolicy) {
    let call = Self.call([.udp, relayProtocol], policy: policy)
    call.start()
    #expect(call.connects(within: .seconds(3)))
    #expect(call.caller.transport.selectedPair?.local.relayProtocol == relayProtocol)
    #expect(Self.connects(call.network).map(\.name) == [relayProtocol == .tls ? "turn.example.org" : nil])
    #expect(call.carriesData())
    #expect(call.network.turnServers[0].channelDataReceived > 0)
    // Nothing of a TCP connection's address is a candidate for UDP.
    #expect(call.caller.candidates.allSatisfy { $0.kind != .serverReflexive })
  }

  @Test("no connection is opened if UDP answers within 500 ms")
  func workingUDP() {
    let call = Self.call(policy: .relay, blocksUDP: false)
    call.start()
    #expect(call.connects())
    call.network.run(for: .minutes(10))
    #expect(call.network.connectionRequests.isEmpty)
    #expect(call.caller.transport.selectedPair?.local.relayProtocol == .udp)
  }

  @Test("a late answer over UDP is preferred, and the connections are closed")
  func lateUDP() {
    let call = Self.call()
    var isBlocked = true
    call.network.isBlocked = { isBlocked && $0.source.ipAddress == "10.0.0.1" }
    call.start(parameters: false)
    call.network.run(for: .milliseconds(1_400))
    isBlocked = false
    call.network.run(for: .seconds(1))
    #expect(call.caller.candidates.filter { $0.kind == .relayed }.count == 3)
    call.exchangeParameters()
    #expect(call.connects())
    call.network.run(for: .seconds(5))
    #expect(call.network.connections.isEmpty)
    #expect(call.carriesData())
  }

  @Test("relays over UDP are preferred to those over TCP, and these to TLS")
  func priorities() {
    let call = Self.call([.tls, .tcp, .udp])
    call.network.conditions.delay = .milliseconds(200)
    call.network.isBlocked = { _ in false }
    call.start()
    call.network.run(for: .seconds(3))
    let relayed = call.caller.candidates.filter { $0.kind == .relayed }.sorted { $0.priority > $1.priority }
    #expect(relayed.map(\.relayProtocol) == [.udp, .tcp, .tls])
    #expect(Set(relayed.map(\.foundation)).count == 3)
    #expect(relayed.allSatisfy { $0.priority < ICECandidate.priority(of: .host, localPreference: 0) })
  }

  @Test("a refused connection is reported, and the next server is used")
  func refused() {
    let call = Self.call([.tcp, .tls])
    call.network.turnServers.append(TestTURNServer(address: ICECall.address("203.0.113.2", 5349)))
    call.network.connectionOutcome = { $0 == ICECall.serverAddress ? .refused : .accepted }
    let other = Self.call([.tcp])
    other.network.connectionOutcome = { _ in .refused }
    for call in [call, other] {
      call.start()
      call.network.run(for: .seconds(3))
      #expect(Set(Self.errors(of: call.caller)) == ["connection refused"])
      #expect(call.caller.events.contains(.gatheringComplete))
    }
  }

  @Test("a server that does not accept the connection is given up after 10 s")
  func silent() {
    let call = Self.call([.tcp])
    call.network.connectionOutcome = { _ in .ignored }
    call.start(parameters: false)
    call.network.run(for: .milliseconds(9_900))
    #expect(Self.errors(of: call.caller).isEmpty)
    call.network.run(for: .milliseconds(200))
    #expect(Self.errors(of: call.caller) == ["no response"])
    #expect(call.network.connections.isEmpty)
    // One that comes after all is not used.
    let endpoint = Self.connects(call.network)[0].endpoint
    call.caller.connected(endpoint, now: call.network.now)
    call.network.run(for: .seconds(1))
    #expect(call.network.turnServers[0].requests.isEmpty)
  }

  @Test("a connection that ends during the call is opened again with a new allocation")
  func lostConnection() {
    let call = Self.call([.udp, .tcp], policy: .relay)
    call.start()
    #expect(call.connects())
    call.network.run(for: .minutes(5))
    call.network.closeConnections()
    call.network.run(for: .seconds(3))
    #expect(Self.connects(call.network).count == 2)
    #expect(call.caller.candidates.count == 2)
    #expect(Self.errors(of: call.caller) == ["the server closed the connection"])
    Self.expectArrival(call)
  }

  @Test("a server that ends every connection is given up after three more")
  func losingServer() {
    let call = Self.call([.tcp], policy: .relay)
    call.start(parameters: false)
    for _ in 0..<20 {
      call.network.run(for: .seconds(1))
      call.network.closeConnections()
    }
    #expect(Self.connects(call.network).count == 4)
  }

  @Test("in an hour only renewals use the connection, which is closed after the final Refresh")
  func hour() {
    let call = Self.call([.tcp], policy: .relay)
    call.network.turnServers[0].configuration.nonceLifetime = .hours(2)
    call.start()
    #expect(call.connects())
    let before = call.network.turnServers[0].requests.count
    call.network.run(for: .hours(1))
    let requests = call.network.turnServers[0].requests.dropFirst(before)
    #expect(requests.filter { $0.method == .refresh }.count == 6)
    #expect((15...16).contains(requests.filter { $0.method == .channelBind }.count))
    #expect(requests.allSatisfy { [.refresh, .channelBind, .createPermission].contains($0.method) })
    #expect(call.carriesData())
    call.caller.transport.close(now: call.network.now)
    call.network.run(for: .seconds(1))
    #expect(call.network.turnServers[0].requests.last?.lifetime == 0)
    #expect(call.network.connections.isEmpty && call.network.turnServers[0].relayedAddresses.isEmpty)
    #expect(call.caller.transport.deadline == nil)
  }

  @Test("the connections of a removed socket are closed, and another socket takes over")
  func removedSocket() {
    let call = ICECall(
      caller: .init(
        addresses: ["198.51.100.1", "198.51.100.3"], policy: .relay, servers: [ICECall.turn(.tcp)]),
      callee: .init(addresses: ["198.51.100.2"], usesServers: false))
    call.start()
    #expect(call.connects())
    call.network.run(for: .seconds(5))
    let used = call.network.connections.map(\.endpoint.socket)
    #expect(used.count == 1)
    call.caller.transport.removeLocalEndpoint(used[0], now: call.network.now)
    call.network.run(for: .seconds(3))
    #expect(call.network.connections.map(\.endpoint.socket) == [LocalEndpoint(id: 1 - used[0].id)])
    Self.expectArrival(call)
  }
}
