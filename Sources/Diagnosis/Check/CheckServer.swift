import ICE

/// A server at one of its addresses, and whether anybody names it.
struct CheckServer: Sendable {
  var ice: ICEServer
  /// false: another transport of a TURN server, tried to tell what else would work.
  var isOffered: Bool
  /// Whether the user names it with --stun or --turn; the XMPP server names the others.
  var isNamedByUser: Bool

  /// Whether it answers Binding requests over UDP: TURN servers do.
  var answersBinding: Bool { ice.relayProtocol == .udp }
  var isRelay: Bool { if case .turn = ice.kind { true } else { false } }
}
