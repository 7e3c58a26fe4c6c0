import NIOCore
import TestSupport
import Testing

@testable import ICE

/// RFC 8445 section 19.5 tells of attackers who let an agent send to others: the source of a datagram is easily forged.
/// Of what an agent sends to an address, none but the seven transmissions of one check to a candidate that was signalled
/// are more than three times what came from there.
@Suite("Floods of what makes an agent send")
struct FloodTests {
  enum Way: CaseIterable {
    case strangersRequests, strangersResponses, indications
    case oneAddress, signalledAddress, manyAddresses, slowly, sameRequest
    case nominations, validPairs, unknownAttributes, noPriority
    case weakerRole, strongerRole, alternatingRoles
    case roleConflicts, refusals
  }

  /// Counts of datagrams with one address.
  struct Traffic {
    var received = 0
    var sent = 0
  }

  /// The peer: whom it claims to be, and how it answers checks.
  struct Flood {
    let way: Way
    var agent: ICEAgent
    var now = ForgeryTests.now
    var traffic: [SocketAddress: Traffic] = [:]
    var checksKept = 0
    private var answers: [(source: SocketAddress, response: STUNMessage)] = []
    private var generator = SeededGenerator(seed: 7)

    init(_ way: Way, role: ICERole) {
      self.way = way
      agent = ForgeryTests.agent(role: role)
      collect()
    }

    mutating func run() {
      let interval: TimeAmount = way == .slowly ? .seconds(1) : .milliseconds(20)
      for number in 0..<(way == .slowly ? 300 : 400) {
        receive(datagram(number), from: source(number))
        advance(to: now + interval)
      }
      advance(to: now + .minutes(1))
    }

    private func source(_ number: Int) -> SocketAddress {
      switch way {
      case .signalledAddress, .sameRequest, .refusals: ForgeryTests.peer
      case .oneAddress, .roleConflicts: ForgeryTests.elsewhere
      default: ICECall.address("192.0.\(2 + number / 250).\(1 + number % 250)", 5000)
      }
    }

    private mutating func datagram(_ number: Int) -> ByteBuffer {
      let key = IntegrityKey(password: agent.localParameters.password)
      let id = way == .sameRequest ? TransactionID(high: 1, low: 1) : TransactionID(using: &generator)
      func request(_ attributes: [STUNAttribute], key: IntegrityKey) -> ByteBuffer {
        let username = STUNAttribute.username("\(agent.localParameters.usernameFragment):them")
        return STUNMessage(.request, .binding, transactionID: id, attributes: [username] + attributes)
          .encoded(integrityKey: key, fingerprint: true)
      }
      let priority = STUNAttribute.priority(UInt32(1_000 + number))
      let role: STUNAttribute = agent.role == .controlling ? .iceControlled(7) : .iceControlling(7)
      switch way {
      case .strangersRequests: return request([priority, role], key: IntegrityKey(password: "a guess"))
      case .strangersResponses:
        return STUNMessage(.success, .binding, transactionID: id, attributes: [.xorMappedAddress(ForgeryTests.here)])
          .encoded(integrityKey: IntegrityKey(password: "a guess"), fingerprint: true)
      case .indications: return STUNMessage(.indication, .binding, transactionID: id).encoded()
      case .unknownAttributes: return request([priority, role, .unknown(type: 0x7777, ByteBuffer())], key: key)
      case .noPriority: return request([role], key: key)
      case .weakerRole, .strongerRole, .alternatingRoles:
        let isWeaker = way == .weakerRole || way == .alternatingRoles && number % 2 == 0
        let tieBreaker: UInt64 = isWeaker == (agent.role == .controlling) ? 0 : .max
        return request(
          [priority, agent.role == .controlling ? .iceControlling(tieBreaker) : .iceControlled(tieBreaker)], key: key)
      case .nominations, .validPairs: return request([priority, role, .useCandidate], key: key)
      case .oneAddress, .signalledAddress, .manyAddresses, .slowly, .sameRequest, .roleConflicts, .refusals:
        return request([priority, role], key: key)
      }
    }

    private mutating func receive(_ datagram: ByteBuffer, from source: SocketAddress) {
      traffic[source, default: Traffic()].received += 1
      agent.receive(datagram, from: source, on: ForgeryTests.base, now: now)
      collect()
    }

    private mutating func collect() {
      while let datagram = agent.pollTransmit() {
        traffic[datagram.remote, default: Traffic()].sent += 1
        guard
          let request = try? STUNMessage(parsing: datagram.payload), request.messageClass == .request,
          let answer = answer(to: request)
        else { continue }
        answers.append((datagram.remote, answer))
      }
      checksKept = max(checksKept, agent.checks.count)
    }

    private func answer(to request: STUNMessage) -> STUNMessage? {
      let (messageClass, attribute): (STUNMessageClass, STUNAttribute)
      switch way {
      case .roleConflicts: (messageClass, attribute) = (.error, .errorCode(STUNErrorCode(STUNErrorCode.roleConflict)))
      case .refusals: (messageClass, attribute) = (.error, .errorCode(STUNErrorCode(STUNErrorCode.badRequest)))
      case .validPairs: (messageClass, attribute) = (.success, .xorMappedAddress(ForgeryTests.here))
      default: return nil
      }
      return STUNMessage(messageClass, .binding, transactionID: request.transactionID, attributes: [attribute])
    }

    private mutating func advance(to end: NIODeadline) {
      while let deadline = agent.deadline, deadline <= end {
        now = max(now, deadline)
        agent.handleTimeout(now: now)
        collect()
        now = min(now + .milliseconds(1), end)
        for (source, response) in answers {
          let key = IntegrityKey(password: ForgeryTests.remote.password)
          receive(response.encoded(integrityKey: key, fingerprint: true), from: source)
        }
        answers.removeAll()
      }
      now = end
    }
  }

  @Test(
    "a flood causes a proportional number of datagrams, and little of it is kept", arguments: Way.allCases,
    [ICERole.controlling, .controlled])
  func flood(way: Way, role: ICERole) {
    var flood = Flood(way, role: role)
    flood.run()
    let worst = flood.traffic.map { (address: $0.key, traffic: $0.value) }.max { Self.excess($0) < Self.excess($1) }
    #expect(worst.map(Self.excess) ?? 0 <= 0, "\(String(describing: worst))")
    #expect(flood.traffic.values.map(\.received).reduce(0, +) >= 300)
    #expect(flood.checksKept <= ICEAgent.maximumChecks)
    #expect(flood.agent.checklist.pairs.count <= Checklist.maximumPairs)
    #expect(flood.agent.checklist.triggered.count <= Checklist.maximumPairs)
    #expect(flood.agent.checklist.retired.count <= Checklist.maximumPairs)
    #expect(flood.agent.remoteCandidates.count <= ICEAgent.maximumRemoteCandidates)
    #expect(flood.agent.localCandidates.count == 1)
  }

  @Test("a candidate that is evicted from the checklist loses its checks too")
  func candidates() {
    var agent = ForgeryTests.agent()
    for base in 2...8 {
      agent.addLocalCandidate(
        ICECandidate(
          foundation: "1", priority: 9, address: ICECall.address("198.51.100.\(10 + base)", 5000), kind: .host),
        base: CandidateBase(endpoint: LocalEndpoint(id: UInt32(base))), now: ForgeryTests.now)
    }
    var checksKept = 0
    for tick in 0..<600 {
      let now = ForgeryTests.now + .milliseconds(50 * Int64(tick))
      agent.handleTimeout(now: now)
      if tick % 3 == 0 {
        agent.addRemoteCandidate(
          ICECandidate(
            foundation: "1", priority: UInt32(1_000 + tick), address: ICECall.address("192.0.2.\(1 + tick / 3)", 5000),
            kind: .host), now: now)
      }
      checksKept = max(checksKept, agent.checks.count)
      _ = ForgeryTests.sent(&agent)
    }
    #expect(checksKept <= Checklist.maximumPairs)
  }

  private static func excess(_ entry: (address: SocketAddress, traffic: Traffic)) -> Int {
    let signalled = entry.address == ForgeryTests.peer ? RetransmissionTimer.maximumTransmissions : 0
    return entry.traffic.sent - 3 * entry.traffic.received - signalled
  }
}
