/// The base of a candidate (RFC 8445 section 4), from which its datagrams are sent and at which they arrive: a socket,
/// or an allocation reached through it.
package struct CandidateBase: Hashable, Sendable {
  package let endpoint: LocalEndpoint
  /// The number of the allocation; nil where the base is the socket itself.
  package let relay: Int?

  package init(endpoint: LocalEndpoint, relay: Int? = nil) {
    self.endpoint = endpoint
    self.relay = relay
  }

  package var isRelayed: Bool { relay != nil }
}
