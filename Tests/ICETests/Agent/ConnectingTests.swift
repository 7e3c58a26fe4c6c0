import ICE
import NIOCore
import TestSupport
import Testing

@Suite("Two agents find a path")
struct ConnectingTests {
  static let kinds: [VirtualNAT.Kind?] = [nil, .fullCone, .addressRestricted, .portRestricted, .symmetric]

  @Test("two agents connect directly within a few round trips")
  func direct() {
    let call = ICECall()
    call.start()
    #expect(call.connects(within: .milliseconds(200)))
    #expect(call.caller.transport.selectedPair?.local.kind == .host)
    #expect(call.carriesData())
  }

  @Test(
    "two agents connect through every combination of NATs, and by a relay only where it is necessary", arguments: kinds,
    kinds)
  func nats(caller: VirtualNAT.Kind?, callee: VirtualNAT.Kind?) {
    let call = ICECall(
      caller: .init(nat: caller, addresses: [caller == nil ? "198.51.100.1" : "10.0.0.1"]),
      callee: .init(nat: callee, addresses: [callee == nil ? "198.51.100.2" : "10.0.1.1"]))
    call.start()
    #expect(call.connects())
    #expect(call.carriesData())
    let blocked: [Set<VirtualNAT.Kind?>] = [[.symmetric], [.symmetric, .portRestricted]]
    let needsRelay = blocked.contains([caller, callee])
    #expect(call.caller.transport.selectedPair?.isRelayed == needsRelay)
  }

  @Test("two agents connect despite packet loss", arguments: [0.05, 0.1, 0.2, 0.3], 1...5)
  func loss(loss: Double, seed: Int) {
    let call = ICECall(
      caller: .init(nat: .portRestricted, addresses: ["10.0.0.1"]),
      callee: .init(nat: .addressRestricted, addresses: ["10.0.1.1"]), seed: UInt64(seed))
    call.network.conditions.loss = loss
    call.start()
    #expect(call.connects(within: .seconds(30)))
    #expect(call.carriesData())
  }

  @Test("two agents connect despite reordering and duplicates", arguments: 1...5)
  func reordering(seed: Int) {
    let call = ICECall(seed: UInt64(seed))
    call.network.conditions.jitter = .milliseconds(80)
    call.network.conditions.duplication = 0.5
    call.start()
    #expect(call.connects())
    #expect(call.carriesData())
  }

  @Test("two agents prefer IPv6 to IPv4")
  func dualStack() {
    let call = ICECall(
      caller: .init(addresses: ["198.51.100.1", "2001:db8::1"]),
      callee: .init(addresses: ["198.51.100.2", "2001:db8::2"]))
    call.start()
    #expect(call.connects())
    #expect(call.caller.transport.selectedPair?.local.address == ICECall.address("2001:db8::1", 5000))
  }

  @Test(
    "two agents that begin in the same role resolve the conflict", arguments: [ICERole.controlling, .controlled], 1...5)
  func roleConflict(role: ICERole, seed: Int) {
    let call = ICECall(roles: (role, role), seed: UInt64(seed))
    call.start()
    #expect(call.connects())
    #expect(call.caller.transport.role != call.callee.transport.role)
  }

  @Test("the policy relay uses only relays and discloses no other address")
  func relayPolicy() {
    let call = ICECall(
      caller: .init(nat: .fullCone, addresses: ["10.0.0.1"], policy: .relay))
    call.start()
    #expect(call.connects())
    #expect(call.carriesData())
    #expect(call.caller.candidates.map(\.kind) == [.relayed])
    #expect(call.caller.candidates.allSatisfy { $0.relatedAddress == nil })
    #expect(call.caller.transport.selectedPair?.local.kind == .relayed)
    #expect(call.callee.transport.selectedPair?.remote.kind == .relayed)
  }

  @Test("two agents connect when their candidates arrive late")
  func lateTrickle() {
    let call = ICECall()
    call.start(trickles: false)
    call.network.run(for: .seconds(38))
    #expect(call.caller.transport.state == .new)
    for candidate in call.callee.candidates {
      call.caller.transport.addRemoteCandidate(candidate, now: call.network.now)
    }
    #expect(call.connects())
  }

  @Test("one working candidate of 200 is found, and duplicates change nothing")
  func manyCandidates() {
    let call = ICECall()
    call.start(trickles: false)
    for number in 0..<199 {
      let candidate = ICECandidate(
        foundation: "1", priority: .max, address: ICECall.address("192.0.2.\(number + 1)", 9), kind: .host)
      call.caller.transport.addRemoteCandidate(candidate, now: call.network.now)
      call.caller.transport.addRemoteCandidate(candidate, now: call.network.now)
    }
    for candidate in call.callee.candidates {
      call.caller.transport.addRemoteCandidate(candidate, now: call.network.now)
    }
    for candidate in call.caller.candidates {
      call.callee.transport.addRemoteCandidate(candidate, now: call.network.now)
    }
    #expect(call.connects())
  }

  @Test("closing frees the allocations")
  func close() {
    let call = ICECall()
    call.start()
    #expect(call.connects())
    call.network.run(for: .seconds(1))
    #expect(call.network.turnServers[0].relayedAddresses.count == 2)
    call.caller.transport.close(now: call.network.now)
    call.callee.transport.close(now: call.network.now)
    call.network.run(for: .seconds(1))
    #expect(call.network.turnServers[0].relayedAddresses.isEmpty)
    #expect(call.caller.transport.deadline == nil)
  }
}
