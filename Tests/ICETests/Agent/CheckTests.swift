import ICE
import NIOCore
import TestSupport
import Testing

@Suite("Connectivity checks (RFC 8445 section 7)")
struct CheckTests {
  private static let key = IntegrityKey(password: ForgeryTests.remote.password)

  private static func answer(
    _ request: STUNMessage, _ messageClass: STUNMessageClass, _ attributes: [STUNAttribute]
  ) -> ByteBuffer {
    STUNMessage(messageClass, .binding, transactionID: request.transactionID, attributes: attributes)
      .encoded(integrityKey: key, fingerprint: true)
  }

  private static func request(_ agent: ICEAgent, _ attributes: [STUNAttribute]) -> ByteBuffer {
    ForgeryTests.request(
      username: "\(agent.localParameters.usernameFragment):them", password: agent.localParameters.password,
      attributes: attributes)
  }

  private static func tieBreaker(_ request: STUNMessage) -> UInt64? { request.iceControlling ?? request.iceControlled }

  @Test("a check fails if its response has an unknown comprehension-required attribute", arguments: [true, false])
  func unknownAttribute(isSuccess: Bool) throws {
    for (isUnderstood, type) in [(true, UInt16(0x8888)), (false, 0x7777)] {
      var agent = ForgeryTests.agent()
      let check = try #require(ForgeryTests.sent(&agent).first)
      let attribute: STUNAttribute =
        isSuccess ? .xorMappedAddress(ForgeryTests.here) : .errorCode(STUNErrorCode(STUNErrorCode.roleConflict))
      agent.receive(
        Self.answer(check, isSuccess ? .success : .error, [attribute, .unknown(type: type, ByteBuffer())]),
        from: ForgeryTests.peer, on: ForgeryTests.base, now: ForgeryTests.now + .milliseconds(20))
      #expect(agent.pairStatistics.first?.state == .failed || isUnderstood)
      #expect((agent.selectedPair != nil) == (isSuccess && isUnderstood))
      #expect((agent.role == .controlled) == (!isSuccess && isUnderstood))
      agent.handleTimeout(now: ForgeryTests.now + .milliseconds(700))
      #expect(ForgeryTests.sent(&agent).isEmpty == !isUnderstood, "nor is it sent again")
    }
  }

  @Test("an unsigned response with an unknown comprehension-required attribute fails nothing")
  func forgedUnknownAttribute() throws {
    var agent = ForgeryTests.agent()
    let check = try #require(ForgeryTests.sent(&agent).first)
    let forged = STUNMessage(
      .success, .binding, transactionID: check.transactionID, attributes: [.unknown(type: 0x7777, ByteBuffer())])
    agent.receive(
      forged.encoded(), from: ForgeryTests.peer, on: ForgeryTests.base, now: ForgeryTests.now + .milliseconds(20))
    #expect(agent.pairStatistics.first?.state == .inProgress)
  }

  @Test("a controlling agent ignores USE-CANDIDATE")
  func nominationOfControlling() {
    for role in [ICERole.controlling, .controlled] {
      var agent = ForgeryTests.agent(role: role)
      // A second pair, so that a controlling agent has reason to wait with its own nomination.
      agent.addRemoteCandidate(
        ICECandidate(foundation: "1", priority: 2_130_706_431, address: ForgeryTests.elsewhere, kind: .host),
        now: ForgeryTests.now)
      let roleAttribute: STUNAttribute = role == .controlling ? .iceControlled(7) : .iceControlling(7)
      for _ in 0..<2 {
        // Before the pair is valid, and after.
        agent.receive(
          Self.request(agent, [.priority(1), roleAttribute, .useCandidate]), from: ForgeryTests.peer,
          on: ForgeryTests.base, now: ForgeryTests.now)
        agent.handleTimeout(now: ForgeryTests.now + .milliseconds(10))
        LongCallTests.answerChecks(&agent, only: ForgeryTests.peer, now: ForgeryTests.now + .milliseconds(20))
      }
      #expect(agent.selectedPair?.isNominated == (role == .controlled))
      #expect(agent.role == role)
    }
  }

  @Test("a 487 response changes the role and the tie-breaker once per role, and the pair is checked again")
  func roleConflict() throws {
    for role in [ICERole.controlling, .controlled] {
      var agent = ForgeryTests.agent(role: role)
      agent.addRemoteCandidate(
        ICECandidate(foundation: "1", priority: 9, address: ForgeryTests.elsewhere, kind: .host), now: ForgeryTests.now)
      agent.handleTimeout(now: ForgeryTests.now + .milliseconds(50))
      let checks = ForgeryTests.sent(&agent)
      #expect(checks.count == 2 && Set(checks.map(Self.tieBreaker)).count == 1)
      let conflict = STUNAttribute.errorCode(STUNErrorCode(STUNErrorCode.roleConflict))
      let now = ForgeryTests.now + .milliseconds(60)
      agent.receive(
        Self.answer(checks[0], .error, [conflict]), from: ForgeryTests.peer, on: ForgeryTests.base, now: now)
      // This one still claimed the role that was given up already.
      agent.receive(
        Self.answer(checks[1], .error, [conflict]), from: ForgeryTests.elsewhere, on: ForgeryTests.base, now: now)
      #expect(agent.role != role)
      agent.handleTimeout(now: now + .milliseconds(50))
      agent.handleTimeout(now: now + .milliseconds(100))
      let again = ForgeryTests.sent(&agent)
      #expect(again.count == 2)
      #expect(again.allSatisfy { ($0.iceControlling != nil) == (role == .controlled) })
      #expect(Set(again.map(Self.tieBreaker)).count == 1)
      #expect(Self.tieBreaker(again[0]) != Self.tieBreaker(checks[0]))
    }
  }

  @Test("an agent that yields its role to a stronger peer keeps its tie-breaker")
  func switchedRole() throws {
    var agent = ForgeryTests.agent()
    let before = try #require(ForgeryTests.sent(&agent).first)
    agent.receive(
      Self.request(agent, [.priority(1), .iceControlling(.max)]), from: ForgeryTests.peer, on: ForgeryTests.base,
      now: ForgeryTests.now)
    agent.handleTimeout(now: ForgeryTests.now + .milliseconds(50))
    let after = try #require(ForgeryTests.sent(&agent).last { $0.messageClass == .request })
    #expect(after.iceControlled != nil && after.iceControlled == before.iceControlling)
  }

  @Test("a peer-reflexive candidate is not paired with other bases before it is signalled")
  func peerReflexivePairs() {
    var agent = ForgeryTests.agent()
    let other = CandidateBase(endpoint: LocalEndpoint(id: 2))
    agent.receive(
      Self.request(agent, [.priority(1), .iceControlled(7)]), from: ForgeryTests.elsewhere, on: ForgeryTests.base,
      now: ForgeryTests.now)
    agent.addLocalCandidate(
      ICECandidate(foundation: "2", priority: 9, address: ICECall.address("198.51.100.4", 5000), kind: .host),
      base: other, now: ForgeryTests.now)
    func pairs() -> Int { agent.pairStatistics.count { $0.remote.address == ForgeryTests.elsewhere } }
    #expect(pairs() == 1)
    agent.addRemoteCandidate(
      ICECandidate(foundation: "1", priority: 9, address: ForgeryTests.elsewhere, kind: .host), now: ForgeryTests.now)
    #expect(pairs() == 2)
  }

  @Test("a single request from an unknown address causes a response and two transmissions of a check")
  func loneRequest() {
    var agent = ForgeryTests.agent()
    agent.receive(
      Self.request(agent, [.priority(1), .iceControlled(7)]), from: ForgeryTests.elsewhere, on: ForgeryTests.base,
      now: ForgeryTests.now)
    var sent: [STUNMessageClass] = []
    for tick in 0..<800 {
      agent.handleTimeout(now: ForgeryTests.now + .milliseconds(50 * Int64(tick)))
      while let datagram = agent.pollTransmit() {
        guard datagram.remote == ForgeryTests.elsewhere else { continue }
        if let message = try? STUNMessage(parsing: datagram.payload) { sent.append(message.messageClass) }
      }
    }
    #expect(sent == [.success, .request, .request])
  }
}
