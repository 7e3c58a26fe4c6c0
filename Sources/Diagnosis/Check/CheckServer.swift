import ICE

/// A server at one of its addresses, and whether anybody names it.
struct CheckServer: Sendable {
  var ice: ICEServer
  /// false: another transport of a TURN server, tried to tell what else would work.
  var isOffered: Bool
  /// By --stun or --turn; else it is the XMPP server that names it.
  var isNamedByUser: Bool

  /// Whether it answers Binding requests over UDP: TURN servers do.
  var answersBinding: Bool { ice.relayProtocol == .udp }
  var isRelay: Bool { if case .turn = ice.kind { true } else { false } }
}
