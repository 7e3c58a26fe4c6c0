import ICE
import NIOCore
import TestSupport
import Testing

@Suite("Which pair is nominated, and which are kept")
struct NominationTests {
  private static func faster(_ packet: VirtualNetwork.Packet, _ address: String) -> Bool {
    packet.source.ipAddress == address || packet.destination.ipAddress == address
  }

  @Test(
    "of pairs that differ only in local preference, the one with a noticeably shorter round trip is nominated",
    arguments: [(TimeAmount.milliseconds(40), "198.51.100.3"), (.milliseconds(2), "198.51.100.1")])
  func roundTripTime(delay: TimeAmount, chosen: String) {
    let call = ICECall(
      caller: .init(addresses: ["198.51.100.1", "198.51.100.3"], usesServers: false),
      callee: .init(addresses: ["198.51.100.2"], usesServers: false))
    call.network.extraDelay = { Self.faster($0, "198.51.100.1") ? delay : .zero }
    call.start()
    #expect(call.connects())
    call.network.run(for: .seconds(5))
    #expect(call.caller.transport.selectedPair?.local.address.ipAddress == chosen)
    #expect(call.callee.transport.selectedPair?.remote.address.ipAddress == chosen)
    #expect(call.carriesData())
  }

  @Test("a direct pair is preferred to a relayed one, however long its round trip")
  func directFirst() {
    let call = ICECall()
    call.network.extraDelay = { packet in
      packet.source != ICECall.serverAddress && packet.destination != ICECall.serverAddress
        && [packet.source, packet.destination].allSatisfy { $0.ipAddress?.hasPrefix("198.51.100.") == true }
        ? .milliseconds(60) : .zero
    }
    call.start()
    #expect(call.connects())
    call.network.run(for: .seconds(5))
    #expect(call.caller.transport.selectedPair?.isRelayed == false)
  }

  @Test("a second pair that a controlling peer nominates within 3 s is kept, and its data accepted")
  func secondNomination() {
    var agent = ForgeryTests.agent(role: .controlled)
    let start = ForgeryTests.now
    FreeingTests.nominate(&agent, ForgeryTests.peer, priority: 1, now: start)
    // Of less priority than the one that is selected.
    FreeingTests.nominate(&agent, ForgeryTests.elsewhere, priority: 1, now: start + .seconds(2))
    for tick in 1...60 { agent.handleTimeout(now: start + .seconds(2) + .milliseconds(Int64(tick) * 50)) }
    #expect(FreeingTests.isConcluded(&agent))
    #expect(agent.selectedPair?.remote.address == ForgeryTests.peer)
    #expect(agent.accepts(dataFrom: ForgeryTests.elsewhere, on: ForgeryTests.base))
  }

  @Test("a nominated pair whose check is still in progress after 3 s is kept")
  func lateNomination() {
    var agent = ForgeryTests.agent(role: .controlled)
    let start = ForgeryTests.now
    FreeingTests.nominate(&agent, ForgeryTests.peer, priority: 1, now: start)
    let ours = agent.localParameters
    let late = start + .milliseconds(3_050)
    agent.receive(
      ForgeryTests.request(
        username: "\(ours.usernameFragment):them", password: ours.password,
        attributes: [.priority(1), .iceControlling(7), .useCandidate]), from: ForgeryTests.elsewhere,
      on: ForgeryTests.base, now: late)
    agent.handleTimeout(now: late + .milliseconds(100))
    #expect(FreeingTests.isConcluded(&agent))
    LongCallTests.answerChecks(&agent, now: late + .milliseconds(150))
    #expect(agent.accepts(dataFrom: ForgeryTests.elsewhere, on: ForgeryTests.base))
  }

  @Test("the policy relay fails as soon as no server provides a relay and not before", arguments: [true, false])
  func relayPolicy(isSilent: Bool) {
    let call = ICECall(caller: .init(addresses: ["198.51.100.1"], policy: .relay))
    call.network.turnServers[0].configuration.password = "another"
    if isSilent { call.network.isBlocked = { $0.destination == ICECall.serverAddress } }
    let start = call.network.now
    call.start(parameters: false)
    call.network.run(until: call.network.now + .minutes(2)) { call.caller.transport.state != .failed }
    let failure = call.caller.states.last
    #expect(failure?.state == .failed)
    // Silence takes as long as RFC 8489 section 6.2.1 says, a refusal a round trip or two.
    let limit: TimeAmount = isSilent ? .milliseconds(40_500) : .milliseconds(1_200)
    #expect(call.network.now <= start + limit)
    let lacksRelay = call.caller.transport.lacksRelay
    #expect(lacksRelay)
    #expect(
      call.caller.events.contains { if case .candidateError = $0 { true } else { false } }, "which says why")
  }

  @Test("the policy relay waits for the socket that reaches the server, even if an earlier one does not")
  func relayOfLaterSocket() {
    let server = ICECall.address("2001:db8:1::1", 3478)
    let call = ICECall(
      caller: .init(addresses: ["198.51.100.1", "2001:db8::1"], policy: .relay, servers: [ICECall.turn(.udp, server)]),
      callee: .init(addresses: ["198.51.100.2"], usesServers: false))
    call.network.turnServers = [TestTURNServer(address: server)]
    call.start()
    #expect(call.connects())
    #expect(call.caller.transport.selectedPair?.local.kind == .relayed)
  }
}
