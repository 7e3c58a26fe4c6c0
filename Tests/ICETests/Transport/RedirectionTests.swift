import ICE
import NIOCore
import TestSupport
import Testing

@Suite("ALTERNATE-SERVER (RFC 8489 section 10)")
struct RedirectionTests {
  private static let alternate = ICECall.address("203.0.113.2", 3478)

  private static func call(_ relayProtocol: RelayProtocol, to alternate: SocketAddress) -> ICECall {
    let call = ICECall(
      caller: .init(addresses: ["198.51.100.1"], policy: .relay, servers: [ICECall.turn(relayProtocol)]),
      callee: .init(addresses: ["198.51.100.2"], usesServers: false))
    call.network.turnServers[0].configuration.alternateServer = alternate
    call.network.turnServers.append(TestTURNServer(address: Self.alternate))
    return call
  }

  @Test("a redirection is followed with the same credentials", arguments: RelayProtocol.allCases)
  func followed(relayProtocol: RelayProtocol) {
    let call = Self.call(relayProtocol, to: Self.alternate)
    call.start()
    #expect(call.connects())
    #expect(call.network.turnServers[0].relayedAddresses.isEmpty)
    #expect(call.network.turnServers[1].requests.prefix(2).map(\.isSigned) == [false, true])
    #expect(call.carriesData())
    if relayProtocol.isStream { #expect(call.network.connections.map(\.server) == [Self.alternate]) }
  }

  @Test("the TLS server name is unchanged unless ALTERNATE-DOMAIN names another")
  func domain() {
    for domain in [nil, "turn2.example.org"] as [String?] {
      let call = Self.call(.tls, to: Self.alternate)
      call.network.turnServers[0].configuration.alternateDomain = domain
      call.start()
      #expect(call.connects())
      let names = StreamRelayTests.connects(call.network).map(\.name)
      #expect(names == ["turn.example.org", domain ?? "turn.example.org"])
    }
  }

  @Test(
    "a redirection to another family, without a port, or to the same server is a failure",
    arguments: [
      ICECall.address("2001:db8::1", 3478), ICECall.address("203.0.113.2", 0), ICECall.serverAddress,
    ], [RelayProtocol.udp, .tcp])
  func impossible(target: SocketAddress, relayProtocol: RelayProtocol) {
    let call = Self.call(relayProtocol, to: target)
    call.start()
    call.network.run(for: .seconds(5))
    #expect(call.caller.candidates.isEmpty)
    #expect(call.network.turnServers[0].requests.count == 2)
    #expect(StreamRelayTests.errors(of: call.caller) == ["redirected to a server that cannot be used"])
  }

  @Test(
    "a redirection is followed once, so that two servers cannot form a loop", arguments: [RelayProtocol.udp, .tls])
  func loop(relayProtocol: RelayProtocol) {
    let call = Self.call(relayProtocol, to: Self.alternate)
    call.network.turnServers[1].configuration.alternateServer = ICECall.serverAddress
    call.start()
    call.network.run(for: .minutes(2))
    #expect(call.caller.candidates.isEmpty)
    #expect(call.network.turnServers.map(\.requests.count) == [2, 2])
    #expect(StreamRelayTests.errors(of: call.caller).count == 1)
  }
}
