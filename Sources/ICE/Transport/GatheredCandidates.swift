import NIOCore

/// The candidates that were gathered: it detects redundant ones (RFC 8445 section 5.1.3) and assigns foundation
/// (section 5.1.1.3) and priority (section 5.1.2.1).
struct GatheredCandidates: Sendable {
  /// Two candidates have the same foundation if type, base IP address, server and protocol are the same (RFC 8445
  /// section 5.1.1.3).
  private struct Foundation: Hashable, Sendable {
    let kind: ICECandidate.Kind
    let base: SocketAddress
    let server: SocketAddress?
    let relayProtocol: RelayProtocol?
  }

  /// The server from which the address was learnt.
  struct Origin {
    let server: ICEServer
    /// The position of the server in the configuration.
    let order: Int
  }

  private var foundations: [Foundation: Int] = [:]
  /// The addresses of the announced candidates.
  private var announced: Set<SocketAddress> = []

  /// Makes a candidate from an address that was found from a socket; returns nil if the address is announced already,
  /// or cannot be that of a candidate.
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

  /// Allows the address to be announced again.
  mutating func forget(_ address: SocketAddress) {
    announced.remove(address)
  }

  /// Begins a new generation, in which these candidates are announced again.
  mutating func restart(with candidates: some Sequence<ICECandidate>) {
    announced = Set(candidates.map(\.address))
  }

  /// The local preference: IPv6 before IPv4 (RFC 8421), then the order of endpoints and servers, all above 16,000. A
  /// relay that is reached by TCP ranks below all those reached by UDP, and one reached by TLS below all those reached
  /// by TCP.
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
