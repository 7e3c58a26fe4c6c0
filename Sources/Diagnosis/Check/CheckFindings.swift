import ICE

/// All that a check found out, for the verdict.
struct CheckFindings: Sendable {
  /// One way to a TURN server.
  struct Relay: Sendable {
    var url: String
    var relayProtocol: RelayProtocol
    var isOffered: Bool
    var isNamedByUser: Bool
    var allocation: AllocationFinding
    /// nil: there was no allocation, or packets were not tried.
    var packets: RelayFinding?
    /// Seconds since its credentials lapsed, where that can be known.
    var expiredFor: Int64?

    /// An allocation that loses every packet is none.
    var isUsable: Bool {
      guard allocation.error == nil, let packets, packets.error == nil else { return allocation.error == nil }
      return packets.packetsReceived > 0
    }

    var isRefused: Bool { if case .unauthorized = allocation.error { true } else { false } }
  }

  /// What a call came to.
  enum Call: Hashable, Sendable {
    case connected(isRelayed: Bool)
    /// The call was accepted, and no path was found.
    case noPath
    /// There was no call to judge by, for this reason.
    case none(String)
  }

  var isRelayOnly = false
  /// nil: nobody was to be called.
  var call: Call?
  var hasRoute = true
  /// Whether a server is named that answers Binding requests over UDP.
  var isSTUNNamed = true
  /// The NAT behavior of each address family for which there is a STUN server.
  var behaviors: [NATBehavior] = []
  var relays: [Relay] = []
  /// Names that have no address.
  var unresolved: [String] = []
}
