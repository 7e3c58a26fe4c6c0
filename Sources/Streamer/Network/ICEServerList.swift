import ICE
import Logging
import NIOCore
import XMPP

/// The STUN and TURN servers of one call: those of XEP-0215, asked anew for each call since credentials lapse, and
/// those of `--turn`; names are resolved off the event loop.
enum ICEServerList {
  /// Each server costs a socket's worth of transactions on every interface.
  private static let limit = 8

  static func gather(
    from client: XMPPClient, configuration: StreamConfiguration, logger: Logger
  ) async -> [ICEServer] {
    var servers: [ICEServer] = []
    for turn in configuration.turnServers {
      let credentials = TURNCredentials(username: turn.username, password: turn.password)
      servers += await resolve(
        turn.uri.host, port: turn.uri.port, kind: .turn(credentials), url: turn.uri.description, logger: logger)
    }
    for service in await client.externalServices() {
      guard let kind = kind(of: service) else { continue }
      let port = Int(service.port ?? 3478)
      servers += await resolve(
        service.host, port: port, kind: kind, url: "\(service.type):\(service.host):\(port)", logger: logger)
    }
    return Array(servers.prefix(limit))
  }

  /// Nil for what is not spoken yet: TURN over TCP and TLS, and services that are neither.
  private static func kind(of service: ExternalService) -> ICEServer.Kind? {
    guard service.transport == nil || service.transport == "udp" else { return nil }
    switch service.type {
    case "stun":
      return .stun
    case "turn":
      guard let username = service.username, let password = service.password else { return nil }
      return .turn(TURNCredentials(username: username, password: password))
    default:
      return nil
    }
  }

  private static func resolve(
    _ host: String, port: Int, kind: ICEServer.Kind, url: String, logger: Logger
  ) async -> [ICEServer] {
    let addresses = await HostResolver.addresses(of: host, port: port)
    if addresses.isEmpty {
      logger.notice("\(url): the name cannot be resolved")
    }
    return addresses.map { ICEServer(kind: kind, address: $0, url: url) }
  }
}
