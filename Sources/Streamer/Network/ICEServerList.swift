import ICE
import Logging
import NIOCore
import XMPP

/// The STUN and TURN servers of one call: those of `--turn`, and those of XEP-0215, asked anew for each call since
/// credentials lapse; names are resolved off the event loop.
enum ICEServerList {
  /// A server before its name is resolved.
  struct Entry: Hashable, Sendable {
    var host: String
    var port: Int
    var kind: ICEServer.Kind
    var url: String
    /// By `--turn`; else it is the XMPP server that knows it.
    var isNamedByUser: Bool
  }

  /// Each server costs a socket's worth of transactions on every interface.
  static let limit = 8

  static func gather(
    from client: XMPPClient, configuration: StreamConfiguration, logger: Logger
  ) async -> [ICEServer] {
    let entries = entries(of: configuration.turnServers, await client.externalServices())
    return await resolve(entries, by: HostResolver(), logger: logger)
  }

  /// What is spoken here, each once, the user's before the XMPP server's, and no more than are good for a call.
  static func entries(
    of servers: [StreamConfiguration.TURNServer], _ services: [ExternalService]
  ) -> [Entry] {
    let named = servers.map { server in
      Entry(
        host: server.uri.host, port: server.uri.port,
        kind: .turn(TURNCredentials(username: server.username, password: server.password)),
        url: server.uri.description, isNamedByUser: true)
    }
    var known: Set<String> = []
    // DNS does not know upper case from lower.
    let distinct = (named + services.compactMap(entry)).filter {
      known.insert("\($0.kind.scheme):\($0.host.lowercased()):\($0.port)").inserted
    }
    return Array(distinct.prefix(limit))
  }

  /// Resolves all at once, so that they take no longer together than the slowest, or than the resolver's timeout.
  static func resolve(_ entries: [Entry], by resolver: HostResolver, logger: Logger) async -> [ICEServer] {
    let addresses = await withTaskGroup(of: (Int, [SocketAddress]).self) { group in
      for (index, entry) in entries.enumerated() {
        group.addTask { (index, await resolver.addresses(of: entry.host, port: entry.port)) }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    for (index, entry) in entries.enumerated() where addresses[index]?.isEmpty != false {
      logger.log(level: entry.isNamedByUser ? .warning : .notice, "\(entry.url): the name cannot be resolved")
    }
    // Every server's first address before any server's second.
    let servers = (0..<HostResolver.limit).flatMap { round in
      entries.enumerated().compactMap { index, entry in
        addresses[index]?.dropFirst(round).first.map { ICEServer(kind: entry.kind, address: $0, url: entry.url) }
      }
    }
    return Array(servers.prefix(limit))
  }

  /// Nil for what is not spoken yet: TURN over TCP and TLS, and services that are neither.
  private static func entry(_ service: ExternalService) -> Entry? {
    guard service.transport == nil || service.transport == "udp" else { return nil }
    let kind: ICEServer.Kind
    switch service.type {
    case "stun":
      kind = .stun
    case "turn":
      guard let username = service.username, let password = service.password else { return nil }
      kind = .turn(TURNCredentials(username: username, password: password))
    default:
      return nil
    }
    let port = Int(service.port ?? 3478)
    let url = PrintableText.from("\(service.type):\(service.host):\(port)", limit: 160)
    return Entry(host: service.host, port: port, kind: kind, url: url, isNamedByUser: false)
  }
}

extension ICEServer.Kind {
  fileprivate var scheme: String {
    switch self {
    case .stun: "stun"
    case .turn: "turn"
    }
  }
}
