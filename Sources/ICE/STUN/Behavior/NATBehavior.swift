import NIOCore

/// The behaviour of the NATs and firewalls between a socket and the Internet (RFC 4787 sections 4.1 and 5).
package struct NATBehavior: Hashable, Sendable {
  package enum Dependence: String, Hashable, Sendable {
    case endpointIndependent = "endpoint-independent"
    case addressDependent = "address-dependent"
    case addressAndPortDependent = "address-and-port-dependent"
    /// It depends on the address or the port of the destination; two servers cannot tell which.
    case destinationDependent = "destination-dependent"
  }

  /// Why a property is not known.
  package enum Obstacle: Hashable, Sendable {
    case noServer
    case noAnswer
    /// Servers answer, but with no address or with one that is impossible.
    case uselessAnswer
    /// The only server that answers has no other address from which it could answer.
    case oneAddress
    /// The server has another address, but even a request to that address gets no answer.
    case otherAddressSilent
    /// The server answers, but not from the address that the request asked for.
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
  /// "whether a NAT uses the same mapping for several destinations"; without a NAT it is endpoint-independent.
  package var mapping: Property
  /// Which packets "originating from specific external endpoints" are let in (RFC 4787 section 5).
  package var filtering: Property

  package init(local: SocketAddress?, mapped: SocketAddress?, mapping: Property, filtering: Property) {
    self.local = local
    self.mapped = mapped
    self.mapping = mapping
    self.filtering = filtering
  }

  /// Whether an address is translated on the path; nil if that is not known.
  package var isTranslated: Bool? {
    guard let local, let mapped else { return nil }
    return local != mapped
  }

  /// The behaviour as far as servers without RFC 5780 reveal it together: whether the mapping of one socket depends on
  /// the destination.
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
