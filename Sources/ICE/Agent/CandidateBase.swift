/// Where the datagrams of a candidate leave and arrive (RFC 8445 section 4, "base"): a socket, or an allocation
/// reached through it.
package struct CandidateBase: Hashable, Sendable {
  package let endpoint: LocalEndpoint
  /// The number of the allocation; nil: the socket itself.
  package let relay: Int?

  package init(endpoint: LocalEndpoint, relay: Int? = nil) {
    self.endpoint = endpoint
    self.relay = relay
  }

  package var isRelayed: Bool { relay != nil }
}
