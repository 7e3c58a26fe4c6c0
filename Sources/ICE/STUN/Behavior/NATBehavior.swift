import NIOCore

/// How the NATs and firewalls between a socket and the Internet behave (RFC 4787 sections 4.1 and 5).
package struct NATBehavior: Hashable, Sendable {
  package enum Dependence: String, Hashable, Sendable {
    case endpointIndependent = "endpoint-independent"
    case addressDependent = "address-dependent"
    case addressAndPortDependent = "address-and-port-dependent"
    /// On the address or on the port of the destination: two servers do not tell which.
    case destinationDependent = "destination-dependent"
  }

  /// Why one of them is not known.
  package enum Obstacle: Hashable, Sendable {
    case noServer
    case noAnswer
    /// Servers answer, and tell no address, or none that can be.
    case uselessAnswer
    /// The only server that answers has no other address to answer from.
    case oneAddress
    /// The server has another address, from where it is not heard of even when asked there.
    case otherAddressSilent
    /// The server does not answer from where it is asked to.
    case requestNotHonoured
  }

  package enum Property: Hashable, Sendable {
    case known(Dependence)
    case unknown(Obstacle)

    package var dependence: Dependence? { if case .known(let dependence) = self { dependence } else { nil } }
    package var obstacle: Obstacle? { if case .unknown(let obstacle) = self { obstacle } else { nil } }
  }

  package let local: SocketAddress?
  package var mapped: SocketAddress?
  /// "whether a NAT uses the same mapping for several destinations"; without NAT it does.
  package var mapping: Property
  /// "which packets … originating from specific external endpoints" come in.
  package var filtering: Property

  package init(local: SocketAddress?, mapped: SocketAddress?, mapping: Property, filtering: Property) {
    self.local = local
    self.mapped = mapped
    self.mapping = mapping
    self.filtering = filtering
  }

  /// nil: not known.
  package var isTranslated: Bool? {
    guard let local, let mapped else { return nil }
    return local != mapped
  }

  /// What servers without RFC 5780 tell together: whether the mapping of one socket varies by destination.
  package init(comparing findings: [STUNProbeFinding]) {
    let answered = findings.filter { $0.mapped != nil }
    let mapped = answered.first?.mapped
    local = (answered.first ?? findings.first)?.local
    self.mapped = mapped
    let addresses = Set(answered.compactMap(\.server.ipAddress))
    let obstacle: Obstacle =
      if findings.isEmpty {
        .noServer
      } else if answered.isEmpty {
        findings.contains { $0.responsesReceived > 0 } ? .uselessAnswer : .noAnswer
      } else {
        .oneAddress
      }
    filtering = .unknown(obstacle)
    if let mapped, mapped == local {
      mapping = .known(.endpointIndependent)
    } else if answered.contains(where: { $0.mapped != mapped }) {
      mapping = .known(.destinationDependent)
    } else {
      mapping = addresses.count > 1 ? .known(.endpointIndependent) : .unknown(obstacle)
    }
  }
}
