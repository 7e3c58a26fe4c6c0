import ICE
import NIOCore
import Testing

@testable import Diagnosis
@testable import Streamer

@Suite("The verdict of a check")
struct CheckVerdictTests {
  private static func behavior(
    _ mapping: NATBehavior.Property, isTranslated: Bool = true, ip: String = "203.0.113.7", isReached: Bool = true
  ) throws -> NATBehavior {
    let mapped = try SocketAddress(ipAddress: ip, port: 4000)
    let local = isTranslated ? try SocketAddress(ipAddress: ip.contains(":") ? "fd00::1" : "10.0.0.1", port: 5) : mapped
    return NATBehavior(
      local: local, mapped: isReached ? mapped : nil, mapping: mapping, filtering: .unknown(.oneAddress))
  }

  private static func relay(
    _ relayProtocol: RelayProtocol = .udp, error: TURNError? = nil, received: Int? = 200, isOffered: Bool = true,
    expiredFor: Int64? = nil, isNamedByUser: Bool = true
  ) -> CheckFindings.Relay {
    var packets = received.map { _ in RelayFinding() }
    packets?.packetsSent = 200
    packets?.packetsReceived = received ?? 0
    return CheckFindings.Relay(
      url: relayProtocol.uri(host: "turn.example.org", port: 3478), relayProtocol: relayProtocol,
      isOffered: isOffered, isNamedByUser: isNamedByUser, allocation: AllocationFinding(error: error),
      packets: error == nil ? packets : nil,
      expiredFor: expiredFor)
  }

  private static func verdict(
    _ behaviors: [NATBehavior], _ relays: [CheckFindings.Relay] = [], isRelayOnly: Bool = false,
    _ change: (inout CheckFindings) -> Void = { _ in }
  ) -> CheckVerdict {
    var findings = CheckFindings()
    findings.behaviors = behaviors
    findings.relays = relays
    findings.isRelayOnly = isRelayOnly
    change(&findings)
    return CheckVerdict(findings)
  }

  private static let refusal = TURNError.unauthorized(STUNErrorCode(401))

  @Test("a NAT that maps every destination alike, or none, is direct; and it is a prediction")
  func direct() throws {
    for behavior in [
      try Self.behavior(.known(.endpointIndependent)),
      try Self.behavior(.known(.endpointIndependent), isTranslated: false),
    ] {
      let verdict = Self.verdict([behavior], [Self.relay()])
      #expect(verdict.path == .direct && verdict.outcome == .direct && verdict.isPrediction)
      #expect(verdict.text.contains("as far as can be predicted"))
      #expect(verdict.advice == "Nothing needs to change.")
    }
    let alone = Self.verdict([try Self.behavior(.known(.endpointIndependent))])
    #expect(alone.outcome == .direct && alone.advice.contains("--turn"))
    let unsure = Self.verdict([try Self.behavior(.unknown(.oneAddress))])
    #expect(unsure.outcome == .direct && unsure.text.contains("probably"))
  }

  @Test(
    "a mapping that varies needs a relay, and without one is blocked",
    arguments: [NATBehavior.Dependence.addressDependent, .addressAndPortDependent, .destinationDependent])
  func symmetric(mapping: NATBehavior.Dependence) throws {
    let behavior = try Self.behavior(.known(mapping))
    let relayed = Self.verdict([behavior], [Self.relay()])
    #expect(relayed.path == .relay && relayed.outcome == .relayOnly && relayed.text.contains("symmetric"))
    let blocked = Self.verdict([behavior])
    #expect(blocked.outcome == .noPath && blocked.advice.contains("--turn"))
  }

  @Test("IPv4 decides where it has an answer, IPv6 where it has none")
  func families() throws {
    let open6 = try Self.behavior(.known(.endpointIndependent), isTranslated: false, ip: "2001:db8::7")
    let symmetric4 = try Self.behavior(.known(.destinationDependent))
    let silent4 = try Self.behavior(.unknown(.noAnswer), isReached: false)
    #expect(Self.verdict([open6, symmetric4], [Self.relay()]).path == .relay)
    #expect(Self.verdict([open6, silent4], [Self.relay()]).path == .direct)
  }

  @Test(
    "where UDP is blocked a relay over TCP or TLS is the way, and the way is named",
    arguments: [RelayProtocol.tcp, .tls])
  func blockedUDP(relayProtocol: RelayProtocol) throws {
    let silent = try Self.behavior(.unknown(.noAnswer), isReached: false)
    let verdict = Self.verdict([silent], [Self.relay(error: .timeout), Self.relay(relayProtocol)])
    #expect(verdict.outcome == .relayOnly && verdict.text.contains(relayProtocol.name))
    #expect(verdict.advice.contains("let UDP out"))
    let nothing = Self.verdict([silent], [Self.relay(error: .timeout), Self.relay(relayProtocol, error: .timeout)])
    #expect(nothing.outcome == .noPath && nothing.text.contains("neither over UDP nor"))
  }

  @Test("where no STUN server is named UDP is not said to be blocked")
  func unnamed() throws {
    let verdict = Self.verdict([], [Self.relay(.tls)]) { $0.isSTUNNamed = false }
    #expect(verdict.outcome == .relayOnly && verdict.text.contains("no STUN server is named"))
    #expect(!verdict.advice.contains("firewall"))
  }

  @Test("what nobody names is no path, but advice")
  func notOffered() throws {
    let silent = try Self.behavior(.unknown(.noAnswer), isReached: false)
    let verdict = Self.verdict([silent], [Self.relay(error: .timeout), Self.relay(.tls, isOffered: false)])
    #expect(verdict.outcome == .noPath && verdict.advice.contains("turns:turn.example.org"))
  }

  @Test("an allocation that loses every packet is no relay; one whose packets could not be tried is")
  func packets() throws {
    let symmetric = try Self.behavior(.known(.destinationDependent))
    let dead = Self.verdict([symmetric], [Self.relay(received: 0)])
    #expect(dead.outcome == .noPath && dead.advice.contains("relays no packet"))
    var forbidden = Self.relay(received: 0)
    forbidden.packets?.error = .forbidden
    #expect(Self.verdict([symmetric], [forbidden]).outcome == .relayOnly)
    #expect(Self.verdict([symmetric], [Self.relay(received: 1)]).outcome == .relayOnly)
  }

  @Test(
    "a server that answers is no matter of firewalls or ports, whatever it answers",
    arguments: [
      (.timeout, true), (.disconnected("connection refused"), true), (.rejected(STUNErrorCode(400)), false),
      (.rejected(STUNErrorCode(500)), false), (.forbidden, false), (.quotaReached, false),
      (.insufficientCapacity, false), (.unsignedResponse, false), (.integrityMismatch, false),
      (.malformedResponse, false), (.unusableRelayedAddress, false), (.allocationMismatch, false),
      (.peerAddressFamilyMismatch, false), (.redirected(to: nil, domain: nil), false), (.unusableCredentials, false),
    ] as [(TURNError, Bool)])
  func answers(error: TURNError, isNetwork: Bool) throws {
    let symmetric = try Self.behavior(.known(.destinationDependent))
    let silent = try Self.behavior(.unknown(.noAnswer), isReached: false)
    for behavior in [symmetric, silent] {
      let verdict = Self.verdict([behavior], [Self.relay(error: error)])
      #expect(verdict.outcome == .noPath)
      #expect(verdict.advice.contains("firewall") == isNetwork && verdict.advice.contains(error.text))
    }
    let saysNothing = Self.verdict([silent], [Self.relay(error: error)]).text.contains("no server answers")
    #expect(saysNothing == !error.isAnswer)
  }

  @Test("a server that does not sign is said to want --turn-relaxed, in the advice and in its own line")
  func unsigned() throws {
    let verdict = Self.verdict([], [Self.relay(error: .unsignedResponse)])
    #expect(verdict.advice.contains("--turn-relaxed"))
    #expect(FailureReport(.unsignedResponse, stage: "allocate").line.contains("--turn-relaxed"))
    #expect(FailureReport(ICEServerError.turn(.unsignedResponse)).line.contains("--turn-relaxed"))
    #expect(!FailureReport(.quotaReached, stage: "allocate").line.contains("--turn-relaxed"))
  }

  @Test("a STUN server that tells an address that nobody can have tells of no direct path, nor of a firewall")
  func uselessAnswer() throws {
    var finding = STUNProbeFinding(
      server: try SocketAddress(ipAddress: "203.0.113.1", port: 3478),
      local: try SocketAddress(ipAddress: "10.0.0.1", port: 5))
    finding.responsesReceived = 5
    finding.error = .unusableAddress
    let behavior = NATBehavior(comparing: [finding])
    let relayed = Self.verdict([behavior], [Self.relay()])
    #expect(relayed.path == .relay && !relayed.text.contains("no STUN server answers"))
    #expect(!relayed.advice.contains("firewall") && relayed.advice.contains("another STUN server"))
    let blocked = Self.verdict([behavior])
    #expect(blocked.path == .none && !blocked.advice.contains("UDP"))
    #expect(!blocked.text.contains("no server answers"))
  }

  @Test("refused credentials have a status of their own, unless another server takes them")
  func refused() throws {
    let open = try Self.behavior(.known(.endpointIndependent))
    let verdict = Self.verdict([open], [Self.relay(error: Self.refusal)])
    #expect(verdict.path == .direct && verdict.outcome == .relayCredentialsRefused)
    #expect(verdict.advice.contains("JINGLECAM_TURN_PASSWORD"))
    let expired = Self.verdict([], [Self.relay(error: Self.refusal, expiredFor: 7_300)])
    #expect(expired.outcome == .relayCredentialsRefused && expired.advice.contains("expired 2 h ago"))
    let shared = Self.verdict([open], [Self.relay(error: Self.refusal, isNamedByUser: false)])
    #expect(shared.advice.contains("secret") && !shared.advice.contains("JINGLECAM"))
    #expect(Self.verdict([open], [Self.relay(error: Self.refusal), Self.relay(.tcp)]).outcome == .direct)
    // Nobody asked for that one.
    #expect(Self.verdict([open], [Self.relay(error: Self.refusal, isOffered: false)]).outcome == .direct)
  }

  @Test("--ice-policy relay is never direct")
  func relayPolicy() throws {
    let open = try Self.behavior(.known(.endpointIndependent))
    #expect(Self.verdict([open], [Self.relay()], isRelayOnly: true).outcome == .relayOnly)
    #expect(Self.verdict([open], [], isRelayOnly: true).outcome == .noPath)
  }

  @Test("a call is a fact, whatever was predicted; what came to no call changes nothing but the words")
  func call() throws {
    let open = try Self.behavior(.known(.endpointIndependent))
    let symmetric = try Self.behavior(.known(.destinationDependent))
    let direct = Self.verdict([symmetric], [Self.relay()]) { $0.call = .connected(isRelayed: false) }
    #expect(direct.path == .direct && direct.outcome == .direct && !direct.isPrediction)
    let relayed = Self.verdict([open], [Self.relay()]) { $0.call = .connected(isRelayed: true) }
    #expect(relayed.outcome == .relayOnly && relayed.advice.contains("viewer's network"))
    let pathless = Self.verdict([open], [Self.relay()]) { $0.call = .noPath }
    #expect(pathless.outcome == .noPath && !pathless.isPrediction && !pathless.text.contains("predicted"))
    let refused = Self.verdict([open], [Self.relay(error: Self.refusal)]) { $0.call = .connected(isRelayed: false) }
    #expect(refused.outcome == .direct && refused.advice.contains("refuses the credentials"))
    let declined = Self.verdict([symmetric], [Self.relay()]) { $0.call = CheckFindings.Call.none("ann declined") }
    #expect(declined.outcome == .relayOnly && declined.isPrediction && declined.text.contains("ann declined"))
    #expect(declined.text.contains("as far as can be predicted"))
  }

  @Test("no route, no server and no address each have their words")
  func nothing() throws {
    #expect(Self.verdict([]) { $0.hasRoute = false }.text.contains("no route"))
    #expect(Self.verdict([]).text.contains("no server to test with"))
    #expect(Self.verdict([]) { $0.unresolved = ["stun.nowhere"] }.advice.contains("stun.nowhere has no address"))
    #expect(Self.verdict([]).outcome == .noPath)
  }
}
