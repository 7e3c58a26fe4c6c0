import ICE
import NIOCore
import Testing

@testable import Diagnosis

@Suite("What a doctor says of the path of a call")
struct PathReportTests {
  private static func relay(
    _ url: String = "turn:turn.test:3478", isRefused: Bool = false, isNamedByUser: Bool = true
  ) -> CheckFindings.Relay {
    CheckFindings.Relay(
      url: url, relayProtocol: .udp, isOffered: true, isNamedByUser: isNamedByUser,
      allocation: AllocationFinding(error: isRefused ? .unauthorized(STUNErrorCode(401)) : nil), packets: nil,
      expiredFor: nil)
  }

  private static func findings(
    _ relays: [CheckFindings.Relay], mapping: NATBehavior.Property? = nil, isRelayOnly: Bool = false
  ) throws -> [DoctorFinding] {
    var findings = CheckFindings()
    findings.relays = relays
    findings.isRelayOnly = isRelayOnly
    if let mapping {
      findings.behaviors = [
        NATBehavior(
          local: try SocketAddress(ipAddress: "10.0.0.1", port: 5),
          mapped: try SocketAddress(ipAddress: "203.0.113.7", port: 4000), mapping: mapping,
          filtering: .unknown(.oneAddress))
      ]
    }
    return PathReport(findings: findings).doctorFindings
  }

  @Test("direct, with a relay for those who need it, is all right; so is a relay where nothing else is asked for")
  func fine() throws {
    #expect(try Self.findings([Self.relay()], mapping: .known(.endpointIndependent)).map(\.level) == [.ok])
    #expect(try Self.findings([Self.relay()], isRelayOnly: true).map(\.level) == [.ok])
  }

  @Test("a relay alone, or none, are warnings")
  func warnings() throws {
    let relayed = try Self.findings([Self.relay()], mapping: .known(.addressAndPortDependent))
    #expect(relayed.map(\.level) == [.warning] && relayed[0].fix?.contains("NAT") == true)
    let bare = try Self.findings([], mapping: .known(.endpointIndependent))
    #expect(bare.map(\.level) == [.warning] && bare[0].fix?.contains("--turn") == true)
  }

  @Test("no path, and credentials that are refused, are problems")
  func problems() throws {
    let none = try Self.findings([], mapping: .known(.addressAndPortDependent))
    #expect(none.map(\.cause) == [.unavailable] && none[0].fix?.isEmpty == false)
    let refused = try Self.findings([Self.relay(isRefused: true)], mapping: .known(.endpointIndependent))
    #expect(refused.map(\.cause) == [.relayCredentials])
    #expect(refused[0].fix?.contains("JINGLECAM_TURN_PASSWORD") == true)
  }

  @Test("the user's TURN server that refuses is told of, though the XMPP server's does")
  func second() throws {
    let relays = [Self.relay("turn:mine.test", isRefused: true), Self.relay("turn:theirs.test", isNamedByUser: false)]
    let findings = try Self.findings(relays, mapping: .known(.endpointIndependent))
    #expect(findings.map(\.level) == [.ok, .warning])
    #expect(findings[1].text == "turn:mine.test refuses the credentials")
  }
}
