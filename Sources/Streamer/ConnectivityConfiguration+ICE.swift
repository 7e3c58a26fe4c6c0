import ICE
import Settings

extension ConnectivityConfiguration {
  /// For one call, with the servers that are known for it.
  package func ice(_ servers: [ICEServer]) throws(StreamError) -> ICETransport.Configuration {
    guard icePolicy == .all || servers.contains(where: \.isRelay) else { throw .noRelay }
    return .init(servers: servers, policy: icePolicy, relaxedTURN: relaxedTURN)
  }
}

extension ICEServer {
  fileprivate var isRelay: Bool {
    if case .turn = kind { true } else { false }
  }
}
