import ICE
import NIOCore
import TestSupport
import Testing

@Suite("Long calls over changing paths")
struct LongCallTests {
  @Test("a call survives an outage of 14 s that follows an hour after a NAT rebinding")
  func outageAfterRebinding() {
    let call = ICECall(
      caller: .init(nat: .fullCone, addresses: ["10.0.0.1"], usesServers: false, mappingLifetime: .seconds(8)),
      callee: .init(addresses: ["198.51.100.2"], usesServers: false))
    call.start()
    #expect(call.connects())
    let first = call.callee.transport.selectedPair?.remote.address
    for outage in [9, 14] {
      call.network.isBlocked = { _ in true }
      call.network.run(for: .seconds(Int64(outage)))
      call.network.isBlocked = { _ in false }
      call.network.run(for: .hours(1))
    }
    #expect(call.callee.transport.selectedPair?.remote.address != first)
    #expect(!call.callee.states.contains { $0.state == .failed })
    #expect(call.carriesData())
  }

  @Test("a nomination that a live pair has superseded is revoked, and the live pair is nominated")
  func renomination() throws {
    var agent = ForgeryTests.agent()
    var now = ForgeryTests.now
    Self.answerChecks(&agent, now: now)
    now = now + .milliseconds(50)
    agent.handleTimeout(now: now)
    Self.answerChecks(&agent, now: now)
    #expect(agent.selectedPair?.isNominated == true)
    now = now + .seconds(14)
    let ours = agent.localParameters
    agent.receive(
      ForgeryTests.request(username: "\(ours.usernameFragment):them", password: ours.password),
      from: ForgeryTests.elsewhere, on: ForgeryTests.base, now: now)
    now = now + .milliseconds(50)
    agent.handleTimeout(now: now)
    // What the old address would answer comes too late.
    _ = Self.answerChecks(&agent, only: ForgeryTests.elsewhere, now: now)
    #expect(agent.selectedPair?.remote.address == ForgeryTests.elsewhere)
    now = now + .seconds(1)
    agent.handleTimeout(now: now)
    _ = Self.answerChecks(&agent, only: ForgeryTests.elsewhere, now: now)
    #expect(agent.selectedPair?.isNominated == true)
  }

  @Test("nomination starts again if its base is removed or the relay refuses the peer", arguments: [true, false])
  func nominationWithoutItsPair(isRemoved: Bool) {
    var agent = ForgeryTests.agent()
    var now = ForgeryTests.now
    let second = CandidateBase(endpoint: LocalEndpoint(id: 2))
    agent.addLocalCandidate(
      ICECandidate(foundation: "2", priority: 9, address: ForgeryTests.elsewhere, kind: .host), base: second, now: now)
    for _ in 0..<10 {
      _ = Self.answerChecks(&agent, includingNominations: false, now: now)
      now = now + .milliseconds(50)
      agent.handleTimeout(now: now)
    }
    if isRemoved {
      agent.removeBase(ForgeryTests.base, now: now)
    } else {
      agent.refuse(ForgeryTests.peer, on: ForgeryTests.base, now: now)
    }
    now = now + .milliseconds(50)
    agent.handleTimeout(now: now)
    #expect(Self.answerChecks(&agent, now: now).contains(true))
    #expect(agent.selectedPair?.isNominated == true)
  }

  @Test("a relay's permissions are renewed only for the peers of pairs that have not failed")
  func permittedPeers() {
    var agent = ForgeryTests.agent()
    agent.addRemoteCandidate(
      ICECandidate(foundation: "2", priority: 9, address: ForgeryTests.elsewhere, kind: .host), now: ForgeryTests.now)
    #expect(agent.peers(on: ForgeryTests.base) == [ForgeryTests.peer, ForgeryTests.elsewhere])
    agent.refuse(ForgeryTests.elsewhere, on: ForgeryTests.base, now: ForgeryTests.now)
    #expect(agent.peers(on: ForgeryTests.base) == [ForgeryTests.peer])
  }

  @Test("a thousand NAT rebindings of the peer leave room for another one")
  func rebindings() {
    var agent = ForgeryTests.agent(role: .controlled)
    var now = ForgeryTests.now
    let ours = agent.localParameters
    for number in 0..<1_000 {
      let source = ICECall.address("198.51.100.9", 2_000 + number)
      agent.receive(
        ForgeryTests.request(
          username: "\(ours.usernameFragment):them", password: ours.password,
          attributes: [.priority(1), .iceControlling(7)]), from: source, on: ForgeryTests.base, now: now)
      _ = Self.answerChecks(&agent, only: source, now: now)
      now = now + .milliseconds(6_500)
      agent.handleTimeout(now: now)
      _ = Self.answerChecks(&agent, only: source, now: now)
      now = now + .milliseconds(6_500)
      agent.handleTimeout(now: now)
    }
    #expect(agent.state != .failed)
    #expect((agent.selectedPair?.remote.address.port ?? 0) >= 2_998)
  }

  @Test("a loopback address is paired only with loopback addresses")
  func loopback() {
    let loopback = ICECall.address("127.0.0.1", 5000)
    for (local, remote) in [(loopback, ForgeryTests.peer), (ForgeryTests.here, loopback), (loopback, loopback)] {
      var agent = ICEAgent(role: .controlling, generator: SeededGenerator(seed: 5))
      agent.addLocalCandidate(
        ICECandidate(foundation: "1", priority: 9, address: local, kind: .host), base: ForgeryTests.base,
        now: ForgeryTests.now)
      agent.setRemoteParameters(ForgeryTests.remote, now: ForgeryTests.now)
      agent.addRemoteCandidate(
        ICECandidate(foundation: "1", priority: 9, address: remote, kind: .host), now: ForgeryTests.now)
      #expect(ForgeryTests.sent(&agent).isEmpty == (local != remote))
    }
  }

  /// Answers the checks as the peer would, and tells of each whether it nominated.
  @discardableResult
  static func answerChecks(
    _ agent: inout ICEAgent, only remote: SocketAddress? = nil, includingNominations: Bool = true, now: NIODeadline
  ) -> [Bool] {
    var nominations: [Bool] = []
    while let datagram = agent.pollTransmit() {
      guard
        let request = try? STUNMessage(parsing: datagram.payload), request.messageClass == .request,
        remote.map({ $0 == datagram.remote }) ?? true
      else { continue }
      nominations.append(request.useCandidate)
      if request.useCandidate, !includingNominations { continue }
      let response = STUNMessage(
        .success, .binding, transactionID: request.transactionID, attributes: [.xorMappedAddress(ForgeryTests.here)])
      agent.receive(
        response.encoded(integrityKey: IntegrityKey(password: ForgeryTests.remote.password), fingerprint: true),
        from: datagram.remote, on: datagram.base, now: now)
    }
    return nominations
  }
}
