import ICE
import Settings

extension ConnectivityConfiguration {
  /// For one call, with the servers that are known for it.
  func ice(_ servers: [ICEServer]) throws(CommandError) -> ICETransport.Configuration {
    guard icePolicy == .all || servers.contains(where: \.isRelay) else {
      throw CommandError(
        "--ice-policy relay needs a TURN server, and the XMPP server names none that can be used; give --turn URI",
        .unavailable)
    }
    return .init(servers: servers, policy: icePolicy == .relay ? .relay : .all, relaxedTURN: relaxedTURN)
  }
}

extension ICEServer {
  fileprivate var isRelay: Bool {
    if case .turn = kind { true } else { false }
  }
}
