import ICE

extension TURNError {
  /// Whether the server answered: then neither a firewall nor its ports are to blame.
  var isAnswer: Bool {
    switch self {
    case .timeout, .disconnected, .unusableCredentials: false
    default: true
    }
  }

  /// What to change, as the end of a sentence.
  var remedy: String {
    switch self {
    case .timeout, .disconnected: "check that it runs, its ports, and the firewall between"
    case .unsignedResponse: "have it sign them, or take it at its word with --turn-relaxed"
    case .integrityMismatch: "check the password, which it has another of"
    case .unauthorized: "check the username and the password"
    case .forbidden: "its settings forbid this; its log says which"
    case .quotaReached: "raise the quota of this user, or let other calls end"
    case .insufficientCapacity: "raise its limits and its range of relay ports"
    case .unusableRelayedAddress: "set the address that it relays at (coturn: external-ip)"
    case .peerAddressFamilyMismatch: "let it relay for the other address family too"
    case .redirected: "name the server that it redirects to"
    case .unusableCredentials: "choose a shorter username"
    case .malformedResponse: "check the port: it does not answer as TURN servers do"
    case .allocationMismatch, .rejected: "it answers, so its log says what is wrong"
    }
  }
}
