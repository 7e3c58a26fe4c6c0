import NIOCore

/// A NAT between an inner network and the Internet (RFC 3489's kinds, RFC 4787's words).
package struct VirtualNAT: Sendable {
  package enum Kind: Hashable, Sendable, CaseIterable {
    /// Endpoint-independent mapping and filtering.
    case fullCone
    /// Endpoint-independent mapping, address-dependent filtering.
    case addressRestricted
    /// Endpoint-independent mapping, address- and port-dependent filtering.
    case portRestricted
    /// Address- and port-dependent mapping and filtering.
    case symmetric
  }

  private struct Key: Hashable {
    let inner: SocketAddress
    /// nil: the mapping is the same for every destination.
    let destination: SocketAddress?
  }

  private struct Mapping {
    let key: Key
    var contacted: Set<SocketAddress> = []
    var lastOutbound: NIODeadline
  }

  package let kind: Kind
  package let address: String
  /// "at least 2 minutes" (RFC 4787 REQ-5); many are shorter.
  package var mappingLifetime = TimeAmount.seconds(30)

  private var ports: [Key: Int] = [:]
  private var mappings: [Int: Mapping] = [:]
  private var nextPort = 40_000

  package init(_ kind: Kind, address: String) {
    self.kind = kind
    self.address = address
  }

  /// The source as the outside sees it.
  mutating func translate(
    source: SocketAddress, destination: SocketAddress, now: NIODeadline
  ) -> SocketAddress? {
    let key = Key(inner: source, destination: kind == .symmetric ? destination : nil)
    if let port = ports[key], let mapping = mappings[port], now - mapping.lastOutbound > mappingLifetime {
      ports[key] = nil
      mappings[port] = nil
    }
    let port = ports[key] ?? nextPort
    if ports[key] == nil { nextPort += 1 }
    ports[key] = port
    mappings[port, default: Mapping(key: key, lastOutbound: now)].lastOutbound = now
    mappings[port]?.contacted.insert(destination)
    return try? SocketAddress(ipAddress: address, port: port)
  }

  /// The inner address that a datagram from outside is for; nil: filtered.
  func admit(source: SocketAddress, port: Int, now: NIODeadline) -> SocketAddress? {
    guard let mapping = mappings[port], now - mapping.lastOutbound <= mappingLifetime else { return nil }
    let isAdmitted =
      switch kind {
      case .fullCone: true
      case .addressRestricted: mapping.contacted.contains { $0.ipAddress == source.ipAddress }
      case .portRestricted, .symmetric: mapping.contacted.contains(source)
      }
    return isAdmitted ? mapping.key.inner : nil
  }
}
