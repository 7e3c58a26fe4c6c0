import ICE
import NIOCore
import Testing

@testable import Diagnosis
@testable import Settings

@Suite("The summary of a check")
struct CheckSummaryTests {
  private static func address(_ text: String, _ port: Int = 3478) throws -> SocketAddress {
    try SocketAddress(ipAddress: text, port: port)
  }

  private static func server(_ relayProtocol: RelayProtocol) throws -> CheckServer {
    CheckServer(
      ice: ICEServer(
        kind: .turn(TURNCredentials(username: "u", password: "p")), address: try address("10.77.0.1"),
        relayProtocol: relayProtocol, name: "turn.lab.test", url: relayProtocol.uri(host: "turn.lab.test", port: 3478)),
      isOffered: true, isNamedByUser: false)
  }

  private static func interfaces(ipv6: String? = nil) -> InterfacesEvent {
    InterfacesEvent(
      addresses: [.init(name: "eth0", address: "10.77.0.50")],
      routes: [
        .init(family: "IPv4", source: "10.77.0.50", error: nil),
        .init(family: "IPv6", source: ipv6, error: ipv6 == nil ? "Network is unreachable" : nil),
      ], time: 0)
  }

  /// A check from behind a NAT, with a server by UDP, TCP and TLS.
  private static func summary(
    _ mapping: NATBehavior.Dependence = .endpointIndependent, isTranslated: Bool = true, lost: Int = 0,
    relayError: TURNError? = nil
  ) throws -> CheckSummary {
    var summary = CheckSummary()
    summary.note(interfaces())
    summary.note(LoginEvent(jid: "camera@lab.test/x", time: 0.071))
    let urls = ["stun:turn.lab.test:3478", "turn:turn.lab.test:3478"]
    summary.note(
      ServicesEvent(services: urls.map { .init(url: $0, source: "xmpp", expiresIn: 86_400) }, time: 0))
    let local = try address("10.77.0.50", 5000)
    let mapped = isTranslated ? try address("203.0.113.5", 4000) : local
    var stun = STUNProbeFinding(server: try address("10.77.0.1"), local: local)
    stun.mapped = mapped
    stun.roundTripTimes.record(.microseconds(300))
    summary.note(STUNEvent(server: urls[0], isOffered: true, stun))
    let behavior = NATBehavior(
      local: local, mapped: mapped, mapping: .known(mapping), filtering: .unknown(.oneAddress))
    summary.note(NATEvent(behavior, family: "IPv4", method: "rfc5780", time: .zero))
    for relayProtocol in [RelayProtocol.udp, .tcp, .tls] {
      let server = try server(relayProtocol)
      summary.note(TURNEvent(server, AllocationFinding(error: relayError)))
      var relay = RelayFinding()
      (relay.packetsSent, relay.packetsReceived) = (200, 200 - lost)
      relay.roundTripTimes.record(.microseconds(200))
      if relayError == nil { summary.note(RelayEvent(server, relay)) }
    }
    return summary
  }

  private static func lines(_ summary: CheckSummary) -> [String] {
    summary.facts.map { "\($0.level.rawValue) \($0.subject): \($0.text)" }
  }

  private static func verdict(_ path: CheckVerdict.Path) -> CheckVerdict {
    var findings = CheckFindings()
    switch path {
    case .direct: findings.call = .connected(isRelayed: false)
    case .relay: findings.call = .connected(isRelayed: true)
    case .none: findings.call = .noPath
    }
    return CheckVerdict(findings)
  }

  @Test("is six facts where all is well")
  func well() throws {
    #expect(
      Self.lines(try Self.summary()) == [
        "ok network: IPv4 from 10.77.0.50; no IPv6",
        "ok login: camera@lab.test/x, 71 ms",
        "ok servers: STUN and TURN: 2 from the XMPP server, for 24 h",
        "ok udp: gets out; seen as 203.0.113.5:4000, 0.3 ms",
        "ok nat: every destination sees the same address",
        "ok relay: UDP, TCP, TLS, 0.2 ms, 0 of 600 packets lost",
      ])
  }

  @Test("warns of a symmetric NAT, and of packets that a relay loses")
  func warnings() throws {
    let lines = Self.lines(try Self.summary(.addressAndPortDependent, lost: 10))
    #expect(lines.contains("warning nat: symmetric: each destination sees another address"))
    #expect(lines.contains("warning relay: UDP, TCP, TLS, 0.2 ms, 30 of 600 packets lost"))
  }

  @Test("has a problem where no server answers, no name has an address, or no relay takes the credentials")
  func problems() throws {
    var summary = CheckSummary()
    summary.note(Self.interfaces())
    summary.note(ServicesEvent(services: [.init(url: "stun:a.test", source: "option")], time: 0))
    summary.note(ResolutionEvent(host: "a.test", addresses: [], time: 0))
    var stun = STUNProbeFinding(server: try Self.address("192.0.2.1"), local: try Self.address("10.77.0.50"))
    stun.error = .timeout
    summary.note(STUNEvent(server: "stun:b.test", isOffered: true, stun))
    let lines = Self.lines(summary)
    #expect(lines.contains("problem dns: a.test cannot be resolved"))
    #expect(lines.contains { $0.hasPrefix("problem udp: no answer: stun:b.test") })
    let refused = Self.lines(try Self.summary(relayError: .unauthorized(STUNErrorCode(401))))
    #expect(refused.contains { $0.hasPrefix("problem relay: none can be used: turn:turn.lab.test:3478") })
  }

  @Test("is what is known if the check ended early, and takes no server that nobody names")
  func early() throws {
    #expect(CheckSummary().facts.isEmpty)
    var summary = CheckSummary()
    summary.note(Self.interfaces(ipv6: "fd77::10"))
    #expect(Self.lines(summary) == ["ok network: IPv4 from 10.77.0.50; IPv6 from fd77::10"])
    var server = try Self.server(.tls)
    server = CheckServer(ice: server.ice, isOffered: false, isNamedByUser: false)
    summary.note(TURNEvent(server, AllocationFinding()))
    #expect(summary.facts.count == 1)
  }

  @Test("draws camera, NAT, viewer and relay, and where the way is barred")
  func drawing() throws {
    let direct = try Self.summary().drawing(Self.verdict(.direct), width: 79)
    #expect(
      direct == [
        "camera                        NAT                 viewer",
        "10.77.0.50 ------------------ 203.0.113.5 ------- ?",
        "    `-- relay 10.77.0.1 (UDP, TCP, TLS), 0.2 ms --'",
      ])
    let relayed = try Self.summary(.addressAndPortDependent).drawing(Self.verdict(.relay), width: 79)
    #expect(relayed.count == 3 && relayed[1].contains(" ---x--- ?"))
    let plain = try Self.summary(isTranslated: false).drawing(Self.verdict(.direct), width: 79)
    #expect(!plain[0].contains("NAT"))
    #expect(CheckSummary().drawing(Self.verdict(.none), width: 79).isEmpty)
  }

  @Test("draws within the width, whatever the addresses are", arguments: [20, 40, 79])
  func width(columns: Int) {
    let long = "2001:db8:1234:5678:9abc:def0:1234:5678"
    let lines = PathDrawing(
      camera: long, nat: long, viewer: long, isDirect: true, delay: "120 ms",
      relay: .init(address: long, ways: "UDP, TCP, TLS", delay: "120 ms")
    ).lines(width: columns)
    #expect(lines.count == 3 && lines.allSatisfy { $0.count <= columns }, "\(lines)")
  }
}
