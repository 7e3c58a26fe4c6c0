import NIOCore

/// The candidates of our side: which are redundant (RFC 8445 section 5.1.3), and the foundation (section 5.1.1.3) and
/// the priority (section 5.1.2.1) of each.
struct GatheredCandidates: Sendable {
  /// "two candidates … have the same foundation" where type, base address, server and protocol are the same
  /// (RFC 8445 section 5.1.1.3).
  private struct Foundation: Hashable, Sendable {
    let kind: ICECandidate.Kind
    let base: SocketAddress
    let server: SocketAddress?
    let relayProtocol: RelayProtocol?
  }

  /// The server that told a candidate's address.
  struct Origin {
    let server: ICEServer
    /// Its place in the configuration.
    let order: Int
  }

  private var foundations: [Foundation: Int] = [:]
  /// The addresses of the candidates that were announced, each once.
  private var announced: Set<SocketAddress> = []

  /// Makes a candidate of an address that was found from a socket; nil: the address is announced already, or none that a
  /// candidate can have.
  mutating func make(
    _ kind: ICECandidate.Kind, _ address: SocketAddress, from entry: LocalEndpoints.Entry, origin: Origin? = nil,
    related: SocketAddress? = nil
  ) -> ICECandidate? {
    guard address.isUsableCandidateAddress, announced.insert(address).inserted else { return nil }
    let key = Foundation(
      kind: kind, base: (kind == .relayed ? address : entry.address).withoutPort, server: origin?.server.address,
      relayProtocol: origin?.server.relayProtocol)
    let foundation = foundations[key] ?? foundations.count + 1
    foundations[key] = foundation
    return ICECandidate(
      foundation: String(foundation),
      priority: ICECandidate.priority(
        of: kind, localPreference: Self.preference(of: address, from: entry, origin: origin)),
      address: address, kind: kind, relatedAddress: related,
      relayProtocol: kind == .relayed ? origin?.server.relayProtocol : nil)
  }

  /// Lets the address be announced again.
  mutating func forget(_ address: SocketAddress) {
    announced.remove(address)
  }

  /// An ICE restart announces these anew, and whatever else is found.
  mutating func restart(with candidates: some Sequence<ICECandidate>) {
    announced = Set(candidates.map(\.address))
  }

  /// IPv6 before IPv4 (RFC 8421), then in the order in which endpoints and servers were given: above 16,000. A relay
  /// that is reached by TCP comes below all of UDP, and one by TLS below all of TCP.
  private static func preference(
    of address: SocketAddress, from entry: LocalEndpoints.Entry, origin: Origin?
  ) -> UInt16 {
    let top: UInt16 = address.stunFamily == .ipv6 ? 65_535 : 32_767
    let preference = top - UInt16(min(entry.order, 1_000)) * 16 - UInt16(min(origin?.order ?? 0, 15))
    switch origin?.server.relayProtocol {
    case .tcp: return preference / 4
    case .tls: return preference / 16
    case .udp, nil: return preference
    }
  }
}
