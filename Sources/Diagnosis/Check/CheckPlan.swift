import ICE
import NIOCore
import Network
import Settings
import Streamer
import XMPP

/// Which servers a check asks: those that a call would use, and TURN servers over the transports that nobody names, to
/// tell what else would work.
struct CheckPlan: Sendable {
  struct Entry: Hashable, Sendable {
    var server: ICEServerList.Entry
    var isOffered = true
  }

  let entries: [Entry]

  /// Each is a probe of its own; services come from the network.
  static let addressLimit = 2 * ICEServerList.addressLimit

  init(stun: [STUNURI], turn: [TURNServer], services: [ExternalService]) {
    let named = stun.prefix(ICEServerList.limit).map {
      ICEServerList.Entry(host: $0.host, port: $0.port, kind: .stun, url: $0.description, isNamedByUser: true)
    }
    let offered = named + ICEServerList.entries(of: turn, services)
    entries = offered.map { Entry(server: $0) } + Self.others(besides: offered)
  }

  private static func others(besides offered: [ICEServerList.Entry]) -> [Entry] {
    let relays = offered.filter { $0.kind != .stun }
    var hosts: Set<String> = []
    return relays.filter { hosts.insert($0.host.lowercased()).inserted }.flatMap { relay in
      let known = relays.filter { $0.host.lowercased() == relay.host.lowercased() }
      let plain = known.first { $0.relayProtocol != .tls }?.port
      return RelayProtocol.allCases.filter { wanted in !known.contains { $0.relayProtocol == wanted } }.map { wanted in
        var other = relay
        other.relayProtocol = wanted
        other.port = (wanted == .tls ? nil : plain) ?? wanted.defaultPort
        other.url = PrintableText.from(wanted.uri(host: other.host, port: other.port), limit: 160)
        return Entry(server: other, isOffered: false)
      }
    }
  }

  /// Each once, in the order in which they come.
  var hosts: [String] {
    var known: Set<String> = []
    return entries.map(\.server.host).filter { known.insert($0).inserted }
  }

  /// Every entry at each of its addresses; those that are offered first.
  func servers(_ addresses: [String: [SocketAddress]]) -> [CheckServer] {
    let servers = entries.flatMap { entry in
      (addresses[entry.server.host] ?? []).map { address in
        var address = address
        address.port = entry.server.port
        return CheckServer(
          ice: entry.server.server(at: address), isOffered: entry.isOffered,
          isNamedByUser: entry.server.isNamedByUser)
      }
    }
    return Array(servers.prefix(Self.addressLimit))
  }

  /// Whose UDP port answers Binding requests, each address once, of one family; such as nobody names only where there
  /// are no others.
  static func bindingServers(_ servers: [CheckServer], family: NIOBSDSocket.ProtocolFamily) -> [CheckServer] {
    var known: Set<SocketAddress> = []
    let able = servers.filter {
      $0.answersBinding && $0.ice.address.protocol == family && known.insert($0.ice.address).inserted
    }
    let offered = able.filter(\.isOffered)
    return offered.isEmpty ? able : offered
  }
}
