import NIOCore
import Testing

@testable import ICE

@Suite("Local candidates that checks revealed")
struct CandidateTableTests {
  private static func revealed(behind candidate: ICECandidate, relay: Int?) throws -> CandidatePairDescription {
    var table = CandidateTable()
    let base = CandidateBase(endpoint: LocalEndpoint(id: 1), relay: relay)
    _ = table.addLocal(candidate, base: base)
    let local = table.local(
      at: try SocketAddress(ipAddress: "10.0.0.9", port: 9), on: base, priority: 1, related: candidate.address)
    let remote = ICECandidate(
      foundation: "r", priority: 1, address: try SocketAddress(ipAddress: "10.0.0.7", port: 7), kind: .host)
    return CandidatePairDescription(local: local, remote: remote, isNominated: true)
  }

  @Test("use the relay behind which they are, at whatever address a peer in its network sees it")
  func relayed() throws {
    let relay = ICECandidate(
      foundation: "t", priority: 1, address: try SocketAddress(ipAddress: "192.0.2.1", port: 5000), kind: .relayed,
      relayProtocol: .tls)
    let pair = try Self.revealed(behind: relay, relay: 0)
    #expect(pair.local.kind == .peerReflexive && pair.local.relayProtocol == .tls && pair.isRelayed)
  }

  @Test("of a socket use none")
  func direct() throws {
    let host = ICECandidate(
      foundation: "h", priority: 1, address: try SocketAddress(ipAddress: "192.168.0.2", port: 5000), kind: .host)
    let pair = try Self.revealed(behind: host, relay: nil)
    #expect(pair.local.kind == .peerReflexive && pair.local.relayProtocol == nil && !pair.isRelayed)
  }
}
