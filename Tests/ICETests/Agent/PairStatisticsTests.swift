import ICE
import NIOCore
import TestSupport
import Testing

@Suite("Statistics of candidate pairs")
struct PairStatisticsTests {
  @Test("every pair is reported once, the working one as such, even after the others were freed")
  func afterConclusion() {
    let call = ICECall(
      caller: .init(nat: .portRestricted, addresses: ["10.0.0.1"], servers: [ICECall.turn(.udp)]),
      callee: .init(addresses: ["198.51.100.2"], usesServers: false))
    call.start()
    #expect(call.connects())
    call.network.run(for: .seconds(60))
    let pairs = call.caller.transport.pairStatistics
    #expect(Set(pairs.map { [$0.local.address, $0.remote.address] }).count == pairs.count)
    #expect(pairs.count(where: { $0.isNominated && $0.state == .succeeded }) == 1)
    // The relay was freed, and its pair is still known.
    #expect(pairs.contains { $0.local.kind == .relayed })
  }

  @Test("the pairs that were tried are reported even if no path was found")
  func afterFailure() {
    let call = ICECall(
      caller: .init(addresses: ["198.51.100.1"], usesServers: false),
      callee: .init(addresses: ["198.51.100.2"], usesServers: false))
    call.network.isBlocked = { _ in true }
    call.start()
    call.network.run(for: .minutes(2))
    #expect(call.caller.transport.state == .failed)
    #expect(!call.caller.transport.pairStatistics.isEmpty)
    #expect(call.caller.transport.pairStatistics.allSatisfy { $0.state != .succeeded })
  }
}
