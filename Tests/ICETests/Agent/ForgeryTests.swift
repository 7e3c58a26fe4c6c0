import ICE
import NIOCore
import TestSupport
import Testing

@Suite("Forged STUN")
struct ForgeryTests {
  static let base = CandidateBase(endpoint: LocalEndpoint(id: 1))
  static let here = ICECall.address("198.51.100.1", 5000)
  static let peer = ICECall.address("198.51.100.2", 5000)
  static let elsewhere = ICECall.address("198.51.100.3", 5000)
  static let remote = ICEParameters(usernameFragment: "them", password: "their password of 22 ch")
  static let now = NIODeadline.uptimeNanoseconds(1_000_000_000)

  /// An agent with one host candidate and one of the peer.
  static func agent(knowsPeer: Bool = true, role: ICERole = .controlling) -> ICEAgent {
    var agent = ICEAgent(role: role, generator: SeededGenerator(seed: 5))
    agent.addLocalCandidate(
      ICECandidate(foundation: "1", priority: 2_130_706_431, address: here, kind: .host), base: base, now: now)
    guard knowsPeer else { return agent }
    agent.setRemoteParameters(remote, now: now)
    agent.addRemoteCandidate(
      ICECandidate(foundation: "1", priority: 2_130_706_431, address: peer, kind: .host), now: now)
    return agent
  }

  static func request(
    username: String, password: String?, attributes: [STUNAttribute] = [.priority(1), .iceControlled(7)]
  ) -> ByteBuffer {
    STUNMessage(
      .request, .binding, transactionID: TransactionID(high: 1, low: 2), attributes: [.username(username)] + attributes
    ).encoded(integrityKey: password.map { IntegrityKey(password: $0) }, fingerprint: true)
  }

  static func sent(_ agent: inout ICEAgent) -> [STUNMessage] {
    var messages: [STUNMessage] = []
    while let datagram = agent.pollTransmit() {
      if let message = try? STUNMessage(parsing: datagram.payload) { messages.append(message) }
    }
    return messages
  }

  @Test("a request is answered only if it has our fragment, the peer's if known, and our password")
  func requests() {
    for (isAnswered, fragment, theirs, isSigned, isRight, knowsPeer) in [
      (true, true, "them", true, true, true), (true, true, "whoever", true, true, false),
      (false, true, "whoever", true, true, true), (false, false, "them", true, true, true),
      (false, false, "them", true, true, false), (false, true, "them", false, true, true),
      (false, true, "them", true, false, true),
    ] {
      var agent = Self.agent(knowsPeer: knowsPeer)
      _ = Self.sent(&agent)
      let ours = agent.localParameters
      let request = Self.request(
        username: "\(fragment ? ours.usernameFragment : "zzzz"):\(theirs)",
        password: isSigned ? (isRight ? ours.password : Self.remote.password) : nil)
      agent.receive(request, from: Self.elsewhere, on: Self.base, now: Self.now)
      #expect(Self.sent(&agent).contains { $0.messageClass == .success } == isAnswered)
      #expect(agent.statistics.requestsReceived == (isAnswered ? 1 : 0))
      #expect(agent.statistics.messagesDropped == (isAnswered ? 0 : 1))
    }
  }

  @Test("a response is accepted only if it is signed by the peer and returns on the path of the request")
  func responses() throws {
    for (isValid, isKnown, password, source, base) in [
      (true, true, Self.remote.password, Self.peer, Self.base),
      (false, false, Self.remote.password, Self.peer, Self.base),
      (false, true, "another", Self.peer, Self.base),
      (false, true, Self.remote.password, Self.elsewhere, Self.base),
      (false, true, Self.remote.password, Self.peer, CandidateBase(endpoint: LocalEndpoint(id: 2))),
    ] {
      var agent = Self.agent()
      agent.addLocalCandidate(
        ICECandidate(foundation: "2", priority: 1, address: Self.elsewhere, kind: .host),
        base: CandidateBase(endpoint: LocalEndpoint(id: 2)), now: Self.now)
      let check = try #require(Self.sent(&agent).first)
      let response = STUNMessage(
        .success, .binding, transactionID: isKnown ? check.transactionID : TransactionID(high: 9, low: 9),
        attributes: [.xorMappedAddress(Self.here)]
      ).encoded(integrityKey: IntegrityKey(password: password), fingerprint: true)
      #expect(!agent.accepts(dataFrom: Self.peer, on: Self.base))
      agent.receive(response, from: source, on: base, now: Self.now + .milliseconds(20))
      #expect((agent.selectedPair != nil) == isValid)
      #expect(agent.accepts(dataFrom: Self.peer, on: Self.base) == isValid)
      #expect(!agent.accepts(dataFrom: Self.peer, on: CandidateBase(endpoint: LocalEndpoint(id: 2))))
      #expect(!agent.accepts(dataFrom: Self.elsewhere, on: Self.base))
    }
  }

  @Test("a base that is not a candidate answers nobody, not even with an error")
  func hiddenBase() {
    var agent = Self.agent()
    _ = Self.sent(&agent)
    let ours = agent.localParameters
    for attributes in [[STUNAttribute.priority(1), .iceControlled(7)], []] {
      agent.receive(
        Self.request(username: "\(ours.usernameFragment):them", password: ours.password, attributes: attributes),
        from: Self.peer, on: CandidateBase(endpoint: LocalEndpoint(id: 9)), now: Self.now)
    }
    #expect(Self.sent(&agent).isEmpty)
  }

  @Test("further candidates are ignored once there are 200, however good they are")
  func tooManyCandidates() {
    for count in [199, 200] {
      var agent = Self.agent(knowsPeer: false)
      for number in 0..<count {
        agent.addRemoteCandidate(
          ICECandidate(
            foundation: "1", priority: 9, address: ICECall.address("192.0.2.\(1 + number)", 5000), kind: .host),
          now: Self.now)
      }
      agent.addRemoteCandidate(
        ICECandidate(foundation: "1", priority: 99, address: Self.peer, kind: .host), now: Self.now)
      agent.setRemoteParameters(Self.remote, now: Self.now)
      #expect((agent.pollTransmit()?.remote == Self.peer) == (count < 200))
    }
  }

  @Test("the greater tie-breaker resolves a role conflict by a 487 response or our own switch")
  func tieBreakers() {
    for (role, theirs, isRefused, result) in [
      (ICERole.controlling, STUNAttribute.iceControlling(0), true, ICERole.controlling),
      (.controlling, .iceControlling(.max), false, .controlled),
      (.controlling, .iceControlled(.max), false, .controlling),
      (.controlled, .iceControlled(0), false, .controlling),
      (.controlled, .iceControlled(.max), true, .controlled),
      (.controlled, .iceControlling(0), false, .controlled),
    ] {
      var agent = Self.agent(role: role)
      _ = Self.sent(&agent)
      let ours = agent.localParameters
      let request = Self.request(
        username: "\(ours.usernameFragment):them", password: ours.password, attributes: [.priority(1), theirs])
      agent.receive(request, from: Self.peer, on: Self.base, now: Self.now)
      #expect(Self.sent(&agent).contains { $0.errorCode?.code == STUNErrorCode.roleConflict } == isRefused)
      #expect(agent.role == result)
    }
  }

  @Test("an unknown comprehension-required attribute is refused with 420 and a missing PRIORITY with 400")
  func unknownAttribute() {
    for (code, attributes) in [
      (420, [STUNAttribute.priority(1), .unknown(type: 0x7777, ByteBuffer())]), (400, []),
    ] {
      var agent = Self.agent()
      _ = Self.sent(&agent)
      let ours = agent.localParameters
      agent.receive(
        Self.request(
          username: "\(ours.usernameFragment):them", password: ours.password, attributes: attributes),
        from: Self.peer, on: Self.base, now: Self.now)
      #expect(Self.sent(&agent).contains { $0.errorCode?.code == code })
    }
  }

  @Test("candidates of component 2, and those with port 0, multicast or link-local addresses are ignored")
  func uselessCandidates() {
    var agent = ICEAgent(role: .controlling, generator: SeededGenerator(seed: 5))
    for (id, address) in [(1, "198.51.100.1"), (2, "2001:db8::1")] {
      agent.addLocalCandidate(
        ICECandidate(foundation: "1", priority: 9, address: ICECall.address(address, 5000), kind: .host),
        base: CandidateBase(endpoint: LocalEndpoint(id: UInt32(id))), now: Self.now)
    }
    agent.setRemoteParameters(Self.remote, now: Self.now)
    for (component, address, port) in [
      (2, "198.51.100.2", 5000), (1, "198.51.100.2", 0), (1, "224.0.0.1", 5000), (1, "0.0.0.0", 5000),
      (1, "fe80::1", 5000), (1, "::ffff:198.51.100.2", 5000), (1, "ff02::1", 5000), (1, "::", 5000),
    ] {
      agent.addRemoteCandidate(
        ICECandidate(
          foundation: "1", component: UInt16(component), priority: 9, address: ICECall.address(address, port),
          kind: .host), now: Self.now)
    }
    #expect(Self.sent(&agent).isEmpty)
    #expect(agent.state == .new)
  }

  @Test("ten thousand candidates cause at most 200 checks at 20 per second")
  func flood() {
    var agent = ICEAgent(role: .controlling, generator: SeededGenerator(seed: 5))
    agent.addLocalCandidate(
      ICECandidate(foundation: "1", priority: 9, address: Self.here, kind: .host), base: Self.base, now: Self.now)
    agent.setRemoteParameters(Self.remote, now: Self.now)
    for number in 0..<10_000 {
      agent.addRemoteCandidate(
        ICECandidate(
          foundation: "1", priority: UInt32.max - UInt32(number),
          address: ICECall.address("192.0.\(2 + number / 250).\(1 + number % 250)", 5000), kind: .host), now: Self.now)
    }
    var ids: Set<TransactionID> = []
    for tick in 0..<1_000 {
      agent.handleTimeout(now: Self.now + .milliseconds(Int64(tick) * 10))
      ids.formUnion(Self.sent(&agent).map(\.transactionID))
      if tick == 100 { #expect((18...22).contains(ids.count)) }
    }
    #expect((50...101).contains(ids.count))
  }

  @Test("only the latest of the checks triggered by the peer's requests are kept", arguments: [true, false])
  func floodOfRequests(isLate: Bool) throws {
    var agent = Self.agent()
    let ours = agent.localParameters
    let request = Self.request(username: "\(ours.usernameFragment):them", password: ours.password)
    var checks: [TransactionID] = []
    var now = Self.now
    for _ in 0..<4_000 {
      now = now + .milliseconds(5)
      agent.receive(request, from: Self.peer, on: Self.base, now: now)
      checks += Self.sent(&agent).filter { $0.messageClass == .request }.map(\.transactionID)
    }
    #expect(checks.count > 1_000)
    let answered = isLate ? checks.first : checks.dropLast(20).last
    let response = STUNMessage(
      .success, .binding, transactionID: try #require(answered), attributes: [.xorMappedAddress(Self.here)]
    ).encoded(integrityKey: IntegrityKey(password: Self.remote.password), fingerprint: true)
    agent.receive(response, from: Self.peer, on: Self.base, now: now)
    #expect((agent.selectedPair == nil) == isLate)
  }
}
