import NIOCore
import Testing

@testable import ICE

@Suite struct GatheredCandidatesTests {
  private static let stun = ICEServer(kind: .stun, address: ICECall.address("192.0.2.1", 3478), url: "stun:192.0.2.1")
  private static let mapped = ICECall.address("198.51.100.1", 5000)

  private static func endpoints(_ addresses: String...) -> [LocalEndpoints.Entry] {
    var endpoints = LocalEndpoints()
    for (id, address) in addresses.enumerated() {
      _ = endpoints.add(LocalEndpoint(id: UInt32(id)), address: ICECall.address(address, 4000))
    }
    return endpoints.entries
  }

  @Test("an address becomes one candidate, and again after it was lost or ICE restarted")
  func redundancy() throws {
    let entry = try #require(Self.endpoints("10.0.0.1").first)
    var candidates = GatheredCandidates()
    let made = candidates.make(.host, entry.address, from: entry)
    let first = try #require(made)
    #expect(candidates.make(.serverReflexive, entry.address, from: entry) == nil)
    candidates.forget(entry.address)
    #expect(candidates.make(.host, entry.address, from: entry) == first)
    candidates.restart(with: [])
    #expect(candidates.make(.host, entry.address, from: entry) == first)
    candidates.restart(with: [first])
    #expect(candidates.make(.host, entry.address, from: entry) == nil)
  }

  @Test("candidates have the same foundation only if type, base address and server are the same")
  func foundations() throws {
    let entries = Self.endpoints("10.0.0.1", "10.0.0.2")
    let origin = GatheredCandidates.Origin(server: Self.stun, order: 0)
    var candidates = GatheredCandidates()
    func foundation(_ kind: ICECandidate.Kind, _ address: SocketAddress, of index: Int) throws -> String {
      let origin = kind == .host ? nil : origin
      let candidate = candidates.make(kind, address, from: entries[index], origin: origin)
      return try #require(candidate).foundation
    }
    let host = try foundation(.host, entries[0].address, of: 0)
    let otherHost = try foundation(.host, entries[1].address, of: 1)
    let reflexive = try foundation(.serverReflexive, Self.mapped, of: 0)
    let sameReflexive = try foundation(.serverReflexive, ICECall.address("198.51.100.2", 5000), of: 0)
    #expect(Set([host, otherHost, reflexive]).count == 3)
    #expect(sameReflexive == reflexive)
  }

  @Test("the order of endpoints is not reused after one is removed")
  func order() {
    var endpoints = LocalEndpoints()
    let first = endpoints.add(LocalEndpoint(id: 1), address: ICECall.address("10.0.0.1", 4000))
    #expect(endpoints.add(LocalEndpoint(id: 1), address: Self.mapped) == nil)
    endpoints.remove(LocalEndpoint(id: 1))
    let second = endpoints.add(LocalEndpoint(id: 1), address: ICECall.address("10.0.0.1", 4000))
    let orders = [first, second].compactMap { $0?.order }
    #expect(orders == [0, 1])
  }
}
