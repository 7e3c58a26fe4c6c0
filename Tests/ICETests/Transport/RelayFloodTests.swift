import NIOCore
import TestSupport
import Testing

@testable import ICE

/// A flood of the peer's through our relay: each address that it speaks of may cost a CreatePermission, and each pair that
/// it nominates a ChannelBind, besides what ``FloodTests`` counts.
@Suite("Floods of what makes a transport send through its relay")
struct RelayFloodTests {
  enum Way: CaseIterable {
    /// From one IP address that is permitted.
    case onePort, manyPorts, strangersRequests, sameRequest, unknownAttributes
    /// Each nominated once it answers, and of a higher priority than that before.
    case nominatedPorts, nominatedAddresses
    /// Signalled, a permission each; silent, refused by the server, or sending besides.
    case silentAddresses, forbiddenAddresses, signalledAddresses
    /// ICE restarts, each with new addresses.
    case restarts
    /// Of the server's own making: peers that were never asked for, and channels that were never bound.
    case inventedPeers, inventedChannels
  }

  @Test(
    "a flood causes a proportional number of datagrams and few permissions and channels", arguments: Way.allCases,
    [ICERole.controlling, .controlled])
  func flood(way: Way, role: ICERole) throws {
    let flood = RelayFlood(way, role: role)
    flood.run()
    let worst = flood.traffic.map { (address: $0.key, traffic: $0.value) }.max { flood.excess($0) < flood.excess($1) }
    #expect(worst.map(flood.excess) ?? 0 <= 0, "\(String(describing: worst))")
    let permissions = flood.requests(.createPermission)
    let bindings = flood.requests(.channelBind)
    // One for each address that was told of, and no renewal where nobody ever answered.
    #expect(permissions.count <= flood.signalled.count + Self.renewals)
    #expect(permissions.count + bindings.count <= flood.signalled.count + flood.received + Self.renewals)
    #expect(Set(bindings.compactMap(\.channelNumber)).count <= ChannelBinding.maximumCount)
    #expect(bindings.count <= ChannelBinding.maximumCount + Self.renewals)
    let ofAddress = Dictionary(grouping: permissions) { $0.xorPeerAddress?.withoutPort }
    #expect(ofAddress.values.allSatisfy { $0.count <= Self.renewals })
    #expect(flood.permissionsKept <= ICEAgent.maximumRemoteCandidates)
    #expect(flood.channelsKept <= ChannelBinding.maximumCount)
    let relays = flood.camera.transport.relays
    #expect(relays.allSatisfy { $0.held.count + $0.client.transactions.count <= Checklist.maximumPairs })
    // Nothing waits for what the server has refused.
    if way == .forbiddenAddresses { #expect(relays.allSatisfy { $0.held.count <= 1 }) }
    #expect(relays.allSatisfy { $0.client.permissions.count <= Checklist.maximumPairs })
  }

  /// Of one permission or channel in ten minutes, with the first request.
  private static let renewals = 4
}
