import Account
import ICE
import Logging
import NIOCore
import Network
import Settings
import XMPP

/// The STUN and TURN servers of one call: those of `--turn`, and those of XEP-0215, asked anew for each call since
/// credentials lapse; names are resolved off the event loop.
package struct ICEServerList: Sendable {
  package var servers: [ICEServer]
  /// Until the first of the credentials lapse; nil: that is not known.
  var lifetime: TimeAmount?

  package init(servers: [ICEServer], lifetime: TimeAmount? = nil) {
    self.servers = servers
    self.lifetime = lifetime
  }

  /// A server before its name is resolved.
  package struct Entry: Hashable, Sendable {
    package var host: String
    package var port: Int
    package var kind: ICEServer.Kind
    package var relayProtocol: RelayProtocol
    package var url: String
    /// Whether the user names it with `--turn`; the XMPP server names the others (XEP-0215).
    package var isNamedByUser: Bool

    package init(
      host: String, port: Int, kind: ICEServer.Kind, relayProtocol: RelayProtocol = .udp, url: String,
      isNamedByUser: Bool
    ) {
      self.host = host
      self.port = port
      self.kind = kind
      self.relayProtocol = relayProtocol
      self.url = url
      self.isNamedByUser = isNamedByUser
    }

    /// - Parameter address: of ``host``, with ``port``.
    package func server(at address: SocketAddress) -> ICEServer {
      ICEServer(kind: kind, address: address, relayProtocol: relayProtocol, name: host, url: url)
    }
  }

  /// They are asked for anew so long before they lapse, or when half of a short life is over.
  private static let renewalMargin = TimeAmount.minutes(5)
  /// Whatever a server says: not more often.
  private static let minimumRenewal = TimeAmount.seconds(30)

  /// A month in seconds.
  private static let longestLifetime: Int64 = 30 * 86_400

  var renewal: TimeAmount? {
    lifetime.map { max($0 - min(Self.renewalMargin, .nanoseconds($0.nanoseconds / 2)), Self.minimumRenewal) }
  }

  /// Each server costs a socket's worth of transactions on every interface: two hosts, with STUN and with TURN over UDP,
  /// TCP and TLS.
  package static let limit = 8
  /// Most have an IPv4 and an IPv6 address.
  package static let addressLimit = 2 * limit

  package static func gather(
    from client: XMPPClient, configuration: ConnectivityConfiguration, logger: Logger
  ) async -> ICEServerList {
    let services = await client.externalServices()
    let entries = entries(of: configuration.turnServers, services)
    return ICEServerList(
      servers: await resolve(entries, by: HostResolver(), logger: logger),
      lifetime: lifetime(of: services, secondsSince1970: WallClock.secondsSince1970))
  }

  /// What has lapsed by our clock is left out: it is the clock that is wrong, since the server has just told of it.
  static func lifetime(of services: [ExternalService], secondsSince1970 now: Int64) -> TimeAmount? {
    let moments = services.compactMap(\.expiresAt).filter { $0 > now }
    return moments.min().map { .seconds(min($0 - now, longestLifetime)) }
  }

  /// What is spoken here, each once, the user's before the XMPP server's, and no more than are good for a call.
  package static func entries(
    of servers: [TURNServer], _ services: [ExternalService]
  ) -> [Entry] {
    let named = servers.map { server in
      Entry(
        host: server.uri.host, port: server.uri.port,
        kind: .turn(server.credentials),
        relayProtocol: server.uri.relayProtocol, url: server.uri.description, isNamedByUser: true)
    }
    var known: Set<String> = []
    // DNS does not know upper case from lower.
    let distinct = (named + services.compactMap { entry($0, among: services) }).filter {
      known.insert("\($0.kind.scheme):\($0.host.lowercased()):\($0.port):\($0.relayProtocol)").inserted
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
        addresses[index]?.dropFirst(round).first.map {
          entry.server(at: $0)
        }
      }
    }
    return Array(servers.prefix(addressLimit))
  }

  /// Nil for what is not spoken: STUN over streams, TURN over DTLS, and services that are neither.
  private static func entry(_ service: ExternalService, among services: [ExternalService]) -> Entry? {
    switch (service.type, service.transport) {
    case ("stun", nil), ("stun", "udp"):
      let port = Int(service.port ?? 3478)
      let url = "stun:\(HostPort(host: service.host, port: port))"
      return entry(service, port: port, kind: .stun, .udp, url: url)
    case ("turn", nil), ("turn", "udp"): return relay(service, .udp, among: services)
    case ("turn", "tcp"): return relay(service, .tcp, among: services)
    case ("turns", nil), ("turns", "tcp"), ("turns", "tls"), ("turn", "tls"):
      return relay(service, .tls, among: services)
    default: return nil
    }
  }

  /// Prosody 0.12 names `turns` without credentials, and means those that it tells of `turn` on the same host.
  private static func relay(
    _ service: ExternalService, _ relayProtocol: RelayProtocol, among services: [ExternalService]
  ) -> Entry? {
    let relatives = services.filter {
      $0.type.hasPrefix("turn") && $0.host.lowercased() == service.host.lowercased()
    }
    for known in [service] + relatives {
      guard let username = known.username, let password = known.password else { continue }
      let port = service.port.map { Int($0) } ?? relayProtocol.defaultPort
      return entry(
        service, port: port, kind: .turn(TURNCredentials(username: username, password: password)), relayProtocol,
        url: relayProtocol.uri(host: service.host, port: port))
    }
    return nil
  }

  private static func entry(
    _ service: ExternalService, port: Int, kind: ICEServer.Kind, _ relayProtocol: RelayProtocol, url: String
  ) -> Entry {
    Entry(
      host: service.host, port: port, kind: kind, relayProtocol: relayProtocol,
      url: PrintableText.from(url, limit: 160), isNamedByUser: false)
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

extension ICEServerList {
  /// Until it is cancelled: a call may outlast the credentials that it began with.
  package func keepFresh(
    on eventLoop: any EventLoop, by gather: () async -> ICEServerList, _ apply: ([ICEServer]) async -> Void
  ) async {
    var servers = self
    while let time = servers.renewal {
      // Nothing happens that could be awaited instead: the server does not say when credentials lapse.
      guard (try? await eventLoop.wait(time)) != nil else { return }
      servers = await gather()
      await apply(servers.servers)
    }
  }
}
