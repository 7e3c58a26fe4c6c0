import ICE
import NIOCore
import TestSupport
import Testing

@Suite("Where the two sides may be")
struct TopologyTests {
  @Test("peers behind two symmetric NATs connect from relay to relay")
  func relayToRelay() {
    let call = ICECall(
      caller: .init(nat: .symmetric, addresses: ["10.0.0.1"], policy: .relay),
      callee: .init(nat: .symmetric, addresses: ["10.0.1.1"], policy: .relay))
    call.start()
    #expect(call.connects())
    for host in [call.caller, call.callee] {
      #expect(host.candidates.map(\.kind) == [.relayed])
      #expect(host.transport.selectedPair?.local.kind == .relayed)
      #expect(host.transport.selectedPair?.remote.kind == .relayed)
    }
    #expect(call.network.turnServers[0].relayedAddresses.count == 2)
    #expect(call.carriesData())
  }

  @Test(
    "a peer learns the peer-reflexive address of an agent behind a symmetric NAT from a check",
    arguments: [true, false])
  func peerReflexive(isCaller: Bool) {
    let hidden = ICECall.Side(nat: .symmetric, addresses: ["10.0.0.1"])
    let open = ICECall.Side(addresses: ["198.51.100.2"])
    let call = ICECall(caller: isCaller ? hidden : open, callee: isCaller ? open : hidden)
    call.start()
    #expect(call.connects())
    let (inside, outside) = isCaller ? (call.caller, call.callee) : (call.callee, call.caller)
    #expect(inside.transport.selectedPair?.local.kind == .peerReflexive)
    #expect(outside.transport.selectedPair?.remote.kind == .peerReflexive)
    #expect(call.carriesData())
  }

  @Test(
    "two agents behind the same NAT connect by host candidates, or by its address if it hairpins",
    arguments: [true, false])
  func hairpin(isolated: Bool) {
    let call = ICECall(
      caller: .init(nat: .fullCone, addresses: ["10.0.0.1"]), callee: .init(nat: .fullCone, addresses: ["10.0.0.2"]),
      sharedNAT: true)
    // Clients of some wireless networks cannot reach each other.
    if isolated {
      call.network.isBlocked = { packet in
        [packet.source, packet.destination].allSatisfy { $0.ipAddress?.hasPrefix("10.") == true }
      }
    }
    call.start()
    #expect(call.connects())
    let kind = call.caller.transport.selectedPair?.remote.kind
    #expect(isolated ? kind == .serverReflexive || kind == .peerReflexive : kind == .host)
    #expect(call.caller.transport.selectedPair?.isRelayed == false)
    #expect(call.carriesData())
  }

  @Test(
    "agents with IPv6 only connect directly or through an IPv6 relay", arguments: [false, true])
  func ipv6Only(relayed: Bool) {
    let server = ICECall.address("2001:db8:1::1", 3478)
    let turn = ICECall.turn(.udp, server)
    let policy: ICETransportPolicy = relayed ? .relay : .all
    let call = ICECall(
      caller: .init(addresses: ["2001:db8::1"], policy: policy, servers: [turn]),
      callee: .init(addresses: ["2001:db8::2"], policy: policy, servers: [turn]))
    var ipv6 = TestTURNServer(address: server)
    ipv6.configuration.relayedIPAddress = nil
    ipv6.configuration.relayedIPv6Address = "2001:db8:1::15"
    call.network.turnServers = [ipv6]
    call.start()
    #expect(call.connects())
    for host in [call.caller, call.callee] {
      #expect(host.candidates.allSatisfy { $0.address.protocol == .inet6 })
      #expect(host.transport.selectedPair?.isRelayed == relayed)
    }
    #expect(call.carriesData())
  }
}
