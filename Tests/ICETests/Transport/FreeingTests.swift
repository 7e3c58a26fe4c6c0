import ICE
import NIOCore
import TestSupport
import Testing

@Suite("Freeing candidates (RFC 8445 section 8.3)")
struct FreeingTests {
  private static func hasErrors(_ host: ICEHost) -> Bool {
    host.events.contains { if case .candidateError = $0 { true } else { false } }
  }

  @Test("a direct call keeps its allocations for 3 s and then sends nothing more to the server")
  func direct() {
    let call = ICECall(
      caller: .init(nat: .portRestricted, addresses: ["10.0.0.1"], mappingLifetime: .seconds(8)),
      callee: .init(nat: .addressRestricted, addresses: ["10.0.1.1"], mappingLifetime: .seconds(8)))
    call.start()
    #expect(call.connects())
    let nominatedAt = call.network.now
    call.network.run(until: nominatedAt + .milliseconds(2_900))
    #expect(call.network.turnServers[0].relayedAddresses.count == 2)
    call.network.run(until: nominatedAt + .milliseconds(3_500))
    #expect(call.network.turnServers[0].relayedAddresses.isEmpty)
    let requests = call.network.turnServers[0].requests.count
    call.network.run(for: .hours(1))
    #expect(call.network.turnServers[0].requests.count == requests)
    #expect(!Self.hasErrors(call.caller) && !Self.hasErrors(call.callee))
    #expect(call.caller.transport.state == .completed)
    #expect(call.carriesData())
  }

  @Test("the relay in use is kept, and the peer's unused relay is freed")
  func relayInUse() {
    let call = ICECall(caller: .init(addresses: ["198.51.100.1"], policy: .relay))
    call.start()
    #expect(call.connects())
    #expect(call.network.turnServers[0].relayedAddresses.count == 2)
    call.network.run(for: .hours(1))
    #expect(call.network.turnServers[0].relayedAddresses == call.caller.candidates.map(\.address))
    #expect(call.carriesData())
  }

  @Test("an allocation that is still in progress is freed too")
  func lateAllocation() {
    let call = ICECall()
    var isSlow = true
    call.network.isBlocked = { isSlow && $0.destination == ICECall.serverAddress }
    call.start()
    #expect(call.connects())
    call.network.run(for: .milliseconds(3_100))
    isSlow = false
    call.network.run(for: .minutes(1))
    #expect(call.network.turnServers[0].relayedAddresses.isEmpty)
    #expect(call.caller.events.contains(.gatheringComplete))
    #expect(!Self.hasErrors(call.caller))
    #expect(call.caller.candidates.allSatisfy { $0.kind == .host })
  }

  @Test("candidates that do not answer are no longer checked")
  func deadCandidates() {
    let call = ICECall()
    call.start()
    for number in 1..<100 {
      call.caller.transport.addRemoteCandidate(Self.dead(number), now: call.network.now)
    }
    #expect(call.connects())
    call.network.run(for: .milliseconds(3_100))
    let requests = call.caller.transport.statistics.requestsSent
    #expect(call.caller.transport.state == .completed)
    // Nor is one that comes later.
    call.caller.transport.addRemoteCandidate(Self.dead(100), now: call.network.now)
    call.network.run(for: .minutes(1))
    #expect(call.caller.transport.statistics.requestsSent == requests)
  }

  private static func dead(_ number: Int) -> ICECandidate {
    ICECandidate(foundation: "1", priority: 9, address: ICECall.address("192.0.2.\(number)", 9), kind: .host)
  }

  @Test("relays are allocated again when the path is lost, and freed when they are not needed")
  func lostPath() {
    let call = ICECall(
      caller: .init(nat: .portRestricted, addresses: ["10.0.0.1"]),
      callee: .init(addresses: ["198.51.100.2"], usesServers: false))
    call.start()
    #expect(call.connects())
    call.network.run(for: .minutes(5))
    #expect(call.network.turnServers[0].relayedAddresses.isEmpty)
    // The network in between goes on strike; the server and its relayed addresses are reached as before.
    var isOnStrike = true
    call.network.isBlocked = {
      isOnStrike && ["198.51.100.2", "203.0.113.10"].contains($0.destination.ipAddress)
    }
    call.network.run(for: .seconds(35))
    #expect(call.caller.transport.selectedPair?.isRelayed == true)
    #expect(call.carriesData())
    isOnStrike = false
    call.network.run(for: .minutes(5))
    #expect(call.caller.transport.state == .completed && call.callee.transport.state == .completed)
    #expect(call.network.turnServers[0].relayedAddresses.count == 1)
    #expect(call.carriesData())
  }

  @Test("the relay in use is replaced when the server loses it during the call")
  func lostRelay() {
    let call = ICECall(caller: .init(addresses: ["198.51.100.1"], policy: .relay))
    call.start()
    #expect(call.connects())
    call.network.run(for: .minutes(1))
    var losses = 0
    call.network.isBlocked = { [unowned network = call.network] packet in
      if losses == 0, let message = try? STUNMessage(parsing: packet.payload), message.method == .refresh {
        losses += 1
        network.turnServers[0].forgetEverything()
      }
      return false
    }
    call.network.run(for: .hours(1))
    #expect(losses == 1)
    #expect(call.caller.candidates.count == 2)
    #expect(call.carriesData())
  }

  @Test("a nomination of another pair within 3 s is followed and restarts the 3 s")
  func renomination() {
    var agent = ForgeryTests.agent(role: .controlled)
    let start = ForgeryTests.now
    Self.nominate(&agent, ForgeryTests.peer, priority: 1, now: start)
    Self.nominate(&agent, ForgeryTests.elsewhere, priority: 2_140_000_000, now: start + .seconds(2))
    agent.handleTimeout(now: start + .milliseconds(4_900))
    #expect(!Self.isConcluded(&agent))
    #expect(agent.accepts(dataFrom: ForgeryTests.peer, on: ForgeryTests.base))
    agent.handleTimeout(now: start + .milliseconds(5_200))
    #expect(Self.isConcluded(&agent))
    #expect(agent.selectedPair?.remote.address == ForgeryTests.elsewhere)
    #expect(!agent.accepts(dataFrom: ForgeryTests.peer, on: ForgeryTests.base))
    // And later still: the base in use goes on answering.
    Self.nominate(&agent, ForgeryTests.peer, priority: 1, now: start + .seconds(6))
    #expect(agent.accepts(dataFrom: ForgeryTests.peer, on: ForgeryTests.base))
  }

  @Test("candidates are not freed for a valid pair that the peer has not nominated")
  func withoutNomination() {
    var agent = ForgeryTests.agent(role: .controlled)
    Self.nominate(&agent, ForgeryTests.peer, priority: 1, isNominated: false, now: ForgeryTests.now)
    #expect(agent.selectedPair?.isNominated == false)
    agent.handleTimeout(now: ForgeryTests.now + .seconds(10))
    #expect(!Self.isConcluded(&agent))
    // The time begins with the nomination, whatever was before.
    Self.nominate(&agent, ForgeryTests.peer, priority: 1, now: ForgeryTests.now + .seconds(11))
    agent.handleTimeout(now: ForgeryTests.now + .seconds(12))
    #expect(!Self.isConcluded(&agent))
    agent.handleTimeout(now: ForgeryTests.now + .milliseconds(14_200))
    #expect(Self.isConcluded(&agent))
  }

  /// A check of the peer, and the answers to what it triggers.
  static func nominate(
    _ agent: inout ICEAgent, _ source: SocketAddress, priority: UInt32, isNominated: Bool = true, now: NIODeadline
  ) {
    let ours = agent.localParameters
    agent.receive(
      ForgeryTests.request(
        username: "\(ours.usernameFragment):them", password: ours.password,
        attributes: [.priority(priority), .iceControlling(7)] + (isNominated ? [.useCandidate] : [])), from: source,
      on: ForgeryTests.base, now: now)
    agent.handleTimeout(now: now + .milliseconds(100))
    LongCallTests.answerChecks(&agent, now: now + .milliseconds(100))
  }

  static func isConcluded(_ agent: inout ICEAgent) -> Bool {
    var result = false
    while let event = agent.pollEvent() { result = result || event == .concluded }
    return result
  }
}
