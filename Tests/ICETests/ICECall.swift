import ICE
import NIOCore
import TestSupport

/// Two transports on one virtual network, and the signalling between them.
final class ICECall {
  struct Side {
    /// nil: on the Internet itself.
    var nat: VirtualNAT.Kind?
    var addresses: [String]
    var policy = ICETransportPolicy.all
    var usesServers = true
    /// nil: STUN and TURN over UDP of the one server.
    var servers: [ICEServer]?
    var relaxedTURN = false
    var mappingLifetime = TimeAmount.seconds(30)
  }

  static let serverAddress = address("203.0.113.1", 3478)
  static let credentials = TURNCredentials(username: "cam", password: "secret")

  let network: VirtualNetwork
  let caller: ICEHost
  let callee: ICEHost
  /// Where each side's sockets are.
  private(set) var realms: [VirtualNetwork.Realm] = []
  private var addresses: [[SocketAddress]] = []
  /// Signalling is slow.
  var holdsSignals = false
  private var heldSignals: [() -> Void] = []
  private var restarts = false

  init(
    caller callerSide: Side = Side(addresses: ["198.51.100.1"]),
    callee calleeSide: Side = Side(addresses: ["198.51.100.2"]),
    roles: (ICERole, ICERole) = (.controlling, .controlled), sharedNAT: Bool = false, seed: UInt64 = 1
  ) {
    network = VirtualNetwork(seed: seed)
    network.turnServers = [TestTURNServer(address: Self.serverAddress)]
    caller = ICEHost(role: roles.0, configuration: Self.configuration(callerSide), seed: seed &* 2 + 1)
    callee = ICEHost(role: roles.1, configuration: Self.configuration(calleeSide), seed: seed &* 2 + 2)
    for (number, (host, side)) in [(caller, callerSide), (callee, calleeSide)].enumerated() {
      var realm = VirtualNetwork.internet
      if sharedNAT, let first = realms.first {
        realm = first
      } else if let kind = side.nat {
        var nat = VirtualNAT(kind, address: "203.0.113.\(10 + number)")
        nat.mappingLifetime = side.mappingLifetime
        realm = network.addNAT(nat)
      }
      realms.append(realm)
      addresses.append(side.addresses.map { Self.address($0, 5000) })
      for (index, address) in addresses[number].enumerated() {
        network.bind(address, LocalEndpoint(id: UInt32(index)), of: host, in: realm)
      }
    }
  }

  static func turn(_ relayProtocol: RelayProtocol, _ address: SocketAddress = serverAddress) -> ICEServer {
    ICEServer(
      kind: .turn(credentials), address: address, relayProtocol: relayProtocol, name: "turn.example.org",
      url: "turn:\(address):\(relayProtocol)")
  }

  static func address(_ text: String, _ port: Int) -> SocketAddress {
    guard let address = try? SocketAddress(ipAddress: text, port: port) else { preconditionFailure(text) }
    return address
  }

  private static func configuration(_ side: Side) -> ICETransport.Configuration {
    let servers =
      side.servers ?? [
        ICEServer(kind: .stun, address: serverAddress, url: "stun:turn.example.org"),
        ICEServer(kind: .turn(credentials), address: serverAddress, url: "turn:turn.example.org"),
      ]
    return ICETransport.Configuration(
      servers: side.usesServers ? servers : [], policy: side.policy, relaxedTURN: side.relaxedTURN)
  }

  /// Opens the sockets and exchanges parameters at once and candidates as they come.
  func start(trickles: Bool = true, parameters: Bool = true) {
    if trickles {
      for (host, peer) in [(caller, callee), (callee, caller)] {
        host.onCandidate = { [unowned self, unowned host, unowned peer] candidate in
          signal(host.transport.localParameters, candidate, to: peer)
        }
        host.onRestart = { [unowned self, unowned host, unowned peer] in
          signal(host.transport.localParameters, nil, to: peer)
        }
      }
    }
    for (number, host) in [caller, callee].enumerated() {
      for (index, address) in addresses[number].enumerated() {
        host.transport.addLocalEndpoint(LocalEndpoint(id: UInt32(index)), address: address, now: network.now)
      }
    }
    if parameters { exchangeParameters() }
    caller.takeEvents(now: network.now)
    callee.takeEvents(now: network.now)
  }

  func exchangeParameters() {
    caller.transport.setRemoteParameters(callee.transport.localParameters, now: network.now)
    callee.transport.setRemoteParameters(caller.transport.localParameters, now: network.now)
  }

  /// A transport-info: credentials that are new are a restart.
  private func signal(_ parameters: ICEParameters, _ candidate: ICECandidate?, to host: ICEHost) {
    guard !holdsSignals else { return heldSignals.append { [unowned self] in signal(parameters, candidate, to: host) } }
    if restarts { host.transport.restart(parameters, now: network.now) }
    if let candidate { host.transport.addRemoteCandidate(candidate, now: network.now) }
    if restarts { host.takeEvents(now: network.now) }
  }

  func releaseSignals() {
    holdsSignals = false
    while !heldSignals.isEmpty { heldSignals.removeFirst()() }
  }

  func restart(_ host: ICEHost) {
    restarts = true
    host.transport.restart(now: network.now)
    host.takeEvents(now: network.now)
  }

  var isNominated: Bool {
    caller.transport.selectedPair?.isNominated == true && callee.transport.selectedPair?.isNominated == true
  }

  /// Whether both sides agreed on one pair within the time.
  func connects(within limit: TimeAmount = .seconds(20)) -> Bool {
    !network.run(until: network.now + limit) { !isNominated } && isNominated
  }

  /// Whether data of each side reaches the other.
  func carriesData() -> Bool {
    let before = (caller.received.count, callee.received.count)
    for _ in 0..<20 {
      caller.send("~from caller", now: network.now)
      callee.send("~from callee", now: network.now)
      network.run(for: .milliseconds(100))
    }
    return caller.received.count > before.0 && callee.received.count > before.1
  }
}
